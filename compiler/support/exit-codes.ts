/** Exit codes of the command line, one per kind of failure; documented in README.md. */
export const EXIT = {
  ok: 0,
  usage: 1,
  badModel: 2,
  unsupportedModel: 3,
  badInput: 4,
  missingTool: 5,
  unknownTarget: 6,
  boardUnreachable: 7,
  boardRefused: 8,
  runFailed: 9,
  wrongResult: 10,
  buildFailed: 11,
  illegalSchedule: 12,
  slower: 13,
  unsteady: 14,
  internal: 70,
  hungUp: 129,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitKind = keyof typeof EXIT;
export const EXIT_KINDS = Object.keys(EXIT) as readonly ExitKind[];
