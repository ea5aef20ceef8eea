import type { Job, JobResult, Runner } from "../../../compiler/device/runner.ts";
import type { Rng } from "../../../compiler/support/rng.ts";

export interface Noise {
  readonly rng: Rng;
  /** Nanoseconds of each layer of a program, by the path of the program. */
  readonly layers: (program: string) => readonly number[];
  readonly timing?: Runner["timing"];
}

/**
 * A board that runs nothing and prints times as they are seen where two programs take turns beside others: the machine is busy
 * or not, half as slow again then, and changes between two turns one time in five; drift of 10 % over some rounds; 1 % from one
 * start of a program to the next, 1 % from turn to turn. Of 600 equal pairs none had an alarm, and all of 300 slow-downs of 5 % were
 * found.
 */
export function noisyRunner({ rng, layers, timing = "measured" }: Noise): Runner {
  let [turns, busy] = [0, false];
  const slowness = (): number => {
    if (rng.int(5) === 0) busy = !busy;
    return (busy ? 1.5 : 1) * (1 + 0.1 * Math.sin(turns++ / 90));
  };
  const oneOf = (program: string, machine: readonly number[]): readonly object[] => {
    const start = 1 + 0.01 * rng.normal();
    const times = (ns: number): number[] =>
      machine.map((factor) => Math.round(ns * factor * start * (1 + 0.01 * rng.normal())));
    const each = layers(program);
    return [
      { kind: "network", ns: times(each.reduce((sum, ns) => sum + ns, 0)) },
      { kind: "beside", cycles: 32768, wallNs: 1e6, processNs: 1e6, reference: [32768] },
      ...each.map((ns, index) => ({ kind: "layer", index, ns: times(ns) })),
    ];
  };
  return {
    board: "host",
    timing,
    run: async ({ program, other = "", args }: Job): Promise<JobResult> => {
      const numberOf = (option: string): number => Number(args[args.indexOf(option) + 1]);
      const lines = Array.from({ length: numberOf("--pairs") }, () => {
        const turnsOf = [[], []] as [number[], number[]];
        for (let i = 0; i < 2 * numberOf("--repeats"); i++) turnsOf[i % 2].push(slowness());
        return turnsOf.flatMap((machine, side) => [
          { kind: "program", protocol: 1 },
          { kind: "turn", side },
          ...oneOf(side === 0 ? program : other, machine),
        ]);
      });
      const stdout = lines
        .flat()
        .map((line) => JSON.stringify(line))
        .join("\n");
      return { stdout, stderr: "", exitCode: 0, files: new Map() };
    },
    close: async () => undefined,
  };
}
