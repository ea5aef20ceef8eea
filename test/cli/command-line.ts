import pc from "picocolors";
import { runCli } from "../../compiler/cli/run-cli.ts";

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly note: string;
}

/** Runs a command line in this process, without colours, as a pipe sees it. */
export async function tilewright(...argv: string[]): Promise<Ended> {
  const out: string[] = [];
  const note: string[] = [];
  const plain = pc.createColors(false);
  const terminal = {
    out: (line: string) => void out.push(line),
    note: (line: string) => void note.push(line),
    interactive: false,
    columns: 100,
    outColors: plain,
    noteColors: plain,
  };
  const interrupts = { on: () => undefined, off: () => undefined, exit: () => undefined };
  const code = await runCli(argv, terminal, interrupts);
  return { code, out: out.join("\n"), note: note.join("\n") };
}
