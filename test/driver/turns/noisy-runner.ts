import type { Job, JobResult, Runner } from "../../../compiler/device/runner.ts";
import type { Rng } from "../../../compiler/support/rng.ts";

export interface Noise {
  readonly rng: Rng;
  /** Nanoseconds of each layer of a program, by the path of the program. */
  readonly layers: (program: string) => readonly number[];
  readonly timing?: Runner["timing"];
}

/**
 * A board that runs nothing and prints times as they are seen: drift of 10 % over some rounds, 0.5 % from one start of a
 * program to the next, 1 % from inference to inference, and one start in ten disturbed, all of it up to twice as long. Of 600
 * equal pairs none had an alarm, and 296 of 300 slow-downs of 5 % were found.
 */
export function noisyRunner({ rng, layers, timing = "measured" }: Noise): Runner {
  let start = 0;
  const times = (ns: number, factor: number, repeats: number): number[] =>
    Array.from({ length: repeats }, () => Math.round(ns * factor * (1 + 0.01 * rng.normal())));
  return {
    board: "host",
    timing,
    run: async ({ program, args }: Job): Promise<JobResult> => {
      const repeats = Number(args[args.indexOf("--repeats") + 1]);
      const drift = 1 + 0.1 * Math.sin(start++ / 9);
      const factor = drift * (1 + 0.005 * rng.normal()) * (rng.int(10) === 0 ? 1 + rng.next() : 1);
      const each = layers(program);
      const whole = each.reduce((sum, ns) => sum + ns, 0);
      const lines = [
        { kind: "program", protocol: 1 },
        { kind: "network", ns: times(whole, factor, repeats) },
        { kind: "beside", cycles: 32768, wallNs: 1e6, processNs: 1e6, reference: [32768] },
        ...each.map((ns, index) => ({ kind: "layer", index, ns: times(ns, factor, repeats) })),
      ];
      const stdout = lines.map((line) => JSON.stringify(line)).join("\n");
      return { stdout, stderr: "", exitCode: 0, files: new Map() };
    },
    close: async () => undefined,
  };
}
