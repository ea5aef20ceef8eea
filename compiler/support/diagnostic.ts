import { EXIT, type ExitKind } from "./exit-codes.ts";

/**
 * One thing that went wrong, told so that its reader can act: what (`title`), where, why with
 * numbers, and what to type next. Codes: F frontend, K kernel language, S schedule, L lowering,
 * B build, D device, C command line, R result.
 */
export interface Diagnostic {
  readonly code: `${"F" | "K" | "S" | "L" | "B" | "D" | "C" | "R"}${number}`;
  readonly exit: ExitKind;
  /** Lower case, no full stop, names the thing: "cannot split `ow` by 8: 54 is not a multiple of 8". */
  readonly title: string;
  readonly where?: string;
  readonly why?: string;
  readonly help?: readonly string[];
}

/** A mistake of the user's or of the outside world; printed without a stack trace. */
export class UserError extends Error {
  readonly diagnostic: Diagnostic;
  constructor(diagnostic: Diagnostic, options?: ErrorOptions) {
    super(diagnostic.title, options);
    this.name = "UserError";
    this.diagnostic = diagnostic;
  }
  get exitCode(): number {
    return EXIT[this.diagnostic.exit];
  }
}

/** A bug in Tilewright itself. */
export class InternalError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "InternalError";
  }
}

/** Plain text of a diagnostic, the only place that decides how one looks. */
export function renderDiagnostic(d: Diagnostic): string {
  const lines = [`error[${d.code}]: ${d.title}`];
  if (d.where !== undefined) lines.push(...labelled("where", d.where));
  if (d.why !== undefined) lines.push(...labelled("why", d.why));
  for (const help of d.help ?? []) lines.push(...labelled("help", help));
  return lines.join("\n");
}

function labelled(label: string, text: string): string[] {
  const [first = "", ...rest] = text.split("\n");
  const head = `  ${`${label}:`.padEnd(7)}`;
  return [`${head}${first}`, ...rest.map((line) => `${" ".repeat(head.length)}${line}`)];
}
