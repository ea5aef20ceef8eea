import { UserError } from "../support/diagnostic.ts";
import { typedWord } from "../support/text.ts";
import type { Detection } from "./detect-target.ts";
import { plainText } from "./plain-text.ts";
import type { WantedFile } from "./runner.ts";

/** What may go wrong with a program that was started; the same words wherever it ran. */

export function killedBySignal(board: string, signal: string, stderr: string): UserError {
  return new UserError({
    code: "D131",
    exit: "runFailed",
    title: `the program was killed on \`${board}\` by ${signal}${signalMeaning(signal)}`,
    ...said(stderr),
    help: signalHelp(signal, board),
  });
}

export function ranTooLong(board: string, seconds: number): UserError {
  return new UserError({
    code: "D132",
    exit: "runFailed",
    title: `the program did not end on \`${board}\` within ${seconds} s and was stopped`,
    help: ["give it longer with --timeout SECONDS, or run fewer repeats"],
  });
}

export function wrongArchitecture(board: string, built: string, machine: string): UserError {
  return new UserError({
    code: "D134",
    exit: "runFailed",
    title: `\`${board}\` cannot execute the program: it was built for ${built}`,
    why: `the board's machine is ${machine} (exec format error)`,
    help: ["give the target that the board is: --target NAME (`tilewright targets list` names them)"],
  });
}

/** Told before anything is compiled. */
export function wrongTarget(board: string, target: string, why: string, found: Detection): UserError {
  return new UserError({
    code: "D143",
    exit: "usage",
    title: `\`${board}\` is no ${target}`,
    why: plainText(why),
    help: [
      found.kind === "unknown"
        ? "`tilewright targets list` names targets; --target may be left out, too"
        : `leave --target out, or give --target ${found.target.name}: ${plainText(found.by)}`,
    ],
  });
}

export function tooMuchOutput(board: string, bytes: number): UserError {
  return new UserError({
    code: "D135",
    exit: "runFailed",
    title: `the program wrote more than ${Math.round(bytes / 1048576)} MiB of text on \`${board}\` and was stopped`,
    help: ["ask for less output: fewer repeats, or no per-layer lines"],
  });
}

export function resultMissing(board: string, name: string, exitCode: number, stderr: string): UserError {
  return new UserError({
    code: "D136",
    exit: "runFailed",
    title: `the program left no file \`${name}\` on \`${board}\``,
    why: [`it ended with exit code ${exitCode}`, ...lastLines(stderr)].join("\n"),
  });
}

/** `found`: its size, or what it is when it is no file. */
export function resultUnfit(board: string, wanted: WantedFile, found: number | "other"): UserError {
  const size = `${wanted.orLess === true ? "at most " : ""}${wanted.bytes} bytes`;
  return new UserError({
    code: "D139",
    exit: "runFailed",
    title: `the result \`${wanted.name}\` on \`${board}\` is not what the program wrote`,
    why: `${size} were expected, ${found === "other" ? "and it is more, or no regular file" : `${found} are there`}`,
    help: [
      "see the board's disk (`df`, `dmesg | tail` there), and who else can write to the folder of its runs",
    ],
  });
}

export function interrupted(board: string): UserError {
  return new UserError({
    code: "D137",
    exit: "interrupted",
    title: `the run on \`${board}\` was interrupted`,
    why: "the program was stopped and its folder removed",
  });
}

export function notExecutable(board: string, folder: string, stderr: string): UserError {
  return new UserError({
    code: "D138",
    exit: "runFailed",
    title: `\`${board}\` does not allow programs in ${folder} to be executed`,
    ...said(stderr),
    help: [`see whether its file system is mounted noexec: findmnt -T ${typedWord(folder)}`],
  });
}

function signalMeaning(signal: string): string {
  const meanings: Readonly<Record<string, string>> = {
    SIGILL: " (illegal instruction)",
    SIGSEGV: " (bad memory access)",
    SIGBUS: " (bad memory access)",
    SIGFPE: " (arithmetic error)",
    SIGABRT: " (it gave up by itself)",
  };
  return meanings[signal] ?? "";
}

function signalHelp(signal: string, board: string): readonly string[] {
  switch (signal) {
    case "SIGKILL":
      return ["the board may be out of memory: see `dmesg | tail` there, and `free -m`"];
    case "SIGILL":
      return [
        "the program uses instructions that this core does not have:",
        "check that --target names the board it runs on; a wrong -mcpu shows itself like this",
      ];
    case "SIGTERM":
    case "SIGHUP":
    case "SIGINT":
      return [`somebody or something stopped it on \`${board}\`: run it again`];
    default:
      return ["this is a fault of the generated program: please report it with the model and the command"];
  }
}

function said(stderr: string): { why?: string } {
  const lines = lastLines(stderr);
  return lines.length === 0 ? {} : { why: lines.join("\n") };
}

/** The end of a program's error text, short enough for a message. */
function lastLines(stderr: string): readonly string[] {
  const lines = plainText(stderr)
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "");
  return lines.length === 0 ? [] : ["its last words were:", ...lines.slice(-3).map((l) => l.slice(0, 160))];
}
