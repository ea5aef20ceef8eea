import { accessSync, constants, statSync } from "node:fs";
import { cpus } from "node:os";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import type { Target } from "../machine/target.schema.ts";
import { UserError } from "../support/diagnostic.ts";
import { contentKey } from "../support/stable.ts";
import { compilerDoesNotStart, noCrossCompiler, noNativeCompiler, wrongMachine } from "./build-errors.ts";
import { type CompilerKind, compilerKind } from "./intent-flags.ts";
import { runProgram } from "./run-program.ts";

/** A C compiler that is installed and makes code for the target. */
export interface Toolchain extends CompilerKind {
  /** Absolute path. */
  readonly cc: string;
  /** As a person would type it: "aarch64-linux-gnu-gcc". */
  readonly command: string;
  /** First line of --version. */
  readonly version: string;
  /** GNU triple of what it compiles for. */
  readonly machine: string;
  /** Changes whenever the compiler could give different code. */
  readonly fingerprint: string;
  /** Come before all others: a clang, which knows many machines, is told the target's. */
  readonly options: readonly string[];
}

const NATIVE = ["gcc", "cc", "clang"];

/** Environment variables that decide where tools are found. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Finds the C compiler for a target: TILEWRIGHT_CC, else `<triple>-gcc`, else the machine's own. */
export async function findToolchain(target: Target, env: Environment = process.env): Promise<Toolchain> {
  const { triple } = target.board;
  const override = env.TILEWRIGHT_CC;
  const candidates = override ? [override] : triple === undefined ? NATIVE : [`${triple}-gcc`];
  for (const command of candidates) {
    const cc = findProgram(command, env);
    if (cc === undefined) continue;
    return describe(cc, command, target);
  }
  if (override) throw compilerDoesNotStart(override, "there is no such program");
  throw triple === undefined ? noNativeCompiler(NATIVE) : noCrossCompiler(triple, target.name);
}

/** The same for who can do without; what is missing is told in the error's place. */
export function lookForToolchain(target: Target): Promise<Toolchain | UserError> {
  return findToolchain(target).catch((error: unknown) => {
    if (error instanceof UserError) return error;
    throw error;
  });
}

/** Absolute path of a program, looked up as a shell would. */
export function findProgram(command: string, env: Environment = process.env): string | undefined {
  if (command.includes("/")) return isExecutable(command) ? resolve(command) : undefined;
  const folders = (env.PATH ?? "").split(delimiter).filter(isAbsolute);
  return folders.map((folder) => join(folder, command)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

async function describe(cc: string, command: string, target: Target): Promise<Toolchain> {
  const [says, own] = await Promise.all([
    ask(cc, command, ["--version"]),
    ask(cc, command, ["-dumpmachine"]),
  ]);
  const [version] = says.split("\n").map((line) => line.trim());
  const kind = compilerKind(says);
  const { triple, cflags } = target.board;
  const fits = (machine: string): boolean =>
    triple === undefined || architecture(machine) === architecture(triple);
  const options = kind.family === "clang" && !fits(own) ? [`--target=${triple}`] : [];
  const machine = options.length === 0 ? own : await ask(cc, command, [...options, "-dumpmachine"]);
  if (triple !== undefined && !fits(machine)) throw wrongMachine(command, machine, triple, target.name);
  // "native" means another processor on another machine that shares the cache.
  const processor = cflags.some((flag) => flag.endsWith("=native")) ? (cpus()[0]?.model ?? "") : "";
  const fingerprint = contentKey({ version, machine, processor });
  return { cc, command, version, machine, fingerprint, options, ...kind };
}

/** What compilers said of themselves, for as long as their files are the same. */
const answers = new Map<string, string>();

async function ask(cc: string, command: string, options: readonly string[]): Promise<string> {
  const { mtimeMs, size, ino } = statSync(cc);
  const key = contentKey({ cc, options, mtimeMs, size, ino });
  const known = answers.get(key);
  if (known !== undefined) return known;
  const result = await runProgram(cc, options);
  if (result.failed) throw compilerDoesNotStart(command, result.stderr.trim() || result.why);
  const said = result.stdout.trim();
  answers.set(key, said);
  return said;
}

/** Processor family of a triple; the kinds of 32-bit ARM share one compiler. */
function architecture(triple: string): string {
  const first = triple.split("-")[0];
  return first.startsWith("arm") ? "arm" : first === "arm64" ? "aarch64" : first;
}
