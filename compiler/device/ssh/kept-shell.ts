import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { PassThrough } from "node:stream";
import pLimit from "p-limit";
import type { RemoteCommand } from "./transport.ts";

/** How a way to a board starts a line. */
type Start = (line: string) => Promise<RemoteCommand>;

/**
 * A shell on the board that is kept for commands that read nothing, one after the other: where each command costs a process
 * and a session, most of the time of a small one goes there. One that is given up takes the shell along; the next one gets another.
 */
export function keptShell(start: Start): { readonly start: Start; readonly close: () => void } {
  const turn = pLimit(1);
  let shell: Promise<RemoteCommand> | undefined;
  const drop = (): void => {
    void shell?.then((running) => running.abandon()).catch(() => {});
    shell = undefined;
  };
  const startIn = async (line: string): Promise<RemoteCommand> => {
    if (shell === undefined) {
      const fresh = start("sh");
      const forget = (): void => {
        if (shell === fresh) shell = undefined;
      };
      shell = fresh;
      fresh.then(({ ended }) => ended).then(forget, forget);
    }
    return runIn(await shell, line, drop);
  };
  return {
    start: (line) =>
      new Promise((resolve, reject) => {
        void turn(async () => {
          const command = await startIn(line);
          resolve(command);
          await command.ended;
        }).catch(reject);
      }),
    close: drop,
  };
}

/** Of what follows the last mark. */
const STATUS_LENGTH = 20;

/** Runs a line in a shell that reads its standard input, between marks that nothing else prints. */
function runIn(shell: RemoteCommand, line: string, drop: () => void): RemoteCommand {
  const mark = `tilewright ${randomBytes(16).toString("hex")}`;
  const [stdout, stderr, stdin] = [new PassThrough(), new PassThrough(), new PassThrough()];
  stdin.resume();
  let abandon = (): void => {};
  const abandoned = new Promise<undefined>((resolve) => {
    abandon = () => {
      drop();
      resolve(undefined);
      for (const stream of [stdout, stderr]) stream.resume();
    };
  });
  const both = Promise.all([between(shell.stdout, mark, stdout), between(shell.stderr, mark, stderr)]).then(
    ([said]) => (/^\d+$/.test(said) ? Number(said) : undefined),
  );
  const gone = shell.ended.then((): undefined => undefined);
  // All that it said was handed on when it has ended.
  const ended = Promise.race([both, gone, abandoned]).then(async (status) => {
    await Promise.all([stdout, stderr].map((stream) => once(stream.end(), "end")));
    return status;
  });
  const told = `'${mark}'`;
  shell.stdin.write(
    `echo ${told}; echo ${told} >&2; (${line}) </dev/null; printf '%s %s\\n' ${told} "$?"; echo ${told} >&2\n`,
  );
  return { stdin, stdout, stderr, ended, abandon };
}

/** Hands on what a stream says between a line `mark` and the next `mark`; gives what follows that on its line. */
function between(from: NodeJS.ReadableStream, mark: string, into: NodeJS.WritableStream): Promise<string> {
  let left = Buffer.alloc(0);
  let begun = false;
  return new Promise((resolve) => {
    const take = (chunk: Buffer): void => {
      left = Buffer.concat([left, chunk]);
      if (!begun) {
        const at = left.indexOf(`${mark}\n`);
        if (at < 0) {
          left = left.subarray(-mark.length);
          return;
        }
        begun = true;
        left = left.subarray(at + mark.length + 1);
      }
      const at = left.indexOf(mark);
      // A part of the mark may have come.
      const sure = at < 0 ? Math.max(0, left.length - mark.length) : at;
      if (sure > 0) into.write(left.subarray(0, sure));
      left = left.subarray(sure);
      const end = left.indexOf("\n");
      if (at < 0 || (end < 0 && left.length < mark.length + STATUS_LENGTH)) return;
      from.off("data", take);
      resolve(left.subarray(mark.length, Math.max(mark.length, end)).toString().trim());
    };
    from.on("data", take);
  });
}
