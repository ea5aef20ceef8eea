import type { Terminal } from "./terminal.ts";

/** Tells what is being done now, in a few words: "14 of 54 kernels". */
export type Report = (text: string) => void;

/** Shows the steps of a long command to the person watching. */
export interface Steps {
  run<T>(title: string, work: (report: Report) => Promise<T>): Promise<T>;
}

/** Moving lines on a terminal, plain lines elsewhere. */
export function makeSteps(terminal: Terminal): Steps {
  return terminal.interactive ? { run: drawn } : { run: (title, work) => plain(terminal, title, work) };
}

async function drawn<T>(title: string, work: (report: Report) => Promise<T>): Promise<T> {
  const { Listr, ListrLogger, ProcessOutput } = await import("listr2");
  // Standard output is for results.
  const logger = new ListrLogger({ processOutput: new ProcessOutput(process.stderr, process.stderr) });
  const results: T[] = [];
  const tasks = new Listr(
    {
      title,
      task: async (_, task) => {
        results.push(
          await work((text) => {
            task.title = `${title}: ${text}`;
          }),
        );
      },
    },
    {
      // Ctrl-C is the command's, errors are told once, at the end.
      registerSignalListeners: false,
      rendererOptions: { logger, showErrorMessage: false, collapseErrors: false, suffixSkips: false },
      exitOnError: true,
    },
  );
  await tasks.run();
  return results[0] as T;
}

/** One line when a step is over, and one at its beginning when it takes long. */
async function plain<T>(terminal: Terminal, title: string, work: (report: Report) => Promise<T>): Promise<T> {
  const began = performance.now();
  let last = "";
  const slow = setTimeout(() => terminal.note(`${title} ...`), 3000);
  try {
    const result = await work((text) => {
      last = text;
    });
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    terminal.note(`${title}${last === "" ? "" : `: ${last}`} (${seconds} s)`);
    return result;
  } finally {
    clearTimeout(slow);
  }
}
