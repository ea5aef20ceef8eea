import { UserError } from "../support/diagnostic.ts";

/**
 * Everything that can go wrong between a bundle and its program.
 * B101 no cross compiler, B102 no native compiler, B103 C file refused, B104 link failed, B105 interrupted,
 * B106 compiler does not start, B107 compiler is for another machine, B108 no bundle here, B109 cache or
 * output not writable, B113 emulator too new. B110 to B112 belong to the bundle's writer in the driver.
 */

/** Debian's package for a cross compiler is gcc-<triple>, but x86-64 spells its underscore as a dash. */
function debianPackage(triple: string): string {
  return `gcc-${triple.replaceAll("_", "-")}`;
}

export function noCrossCompiler(triple: string, target: string): UserError {
  return new UserError({
    code: "B101",
    exit: "missingTool",
    title: `no C compiler for ${target}: \`${triple}-gcc\` is not installed`,
    help: [
      `sudo apt-get install ${debianPackage(triple)} libc6-dev-${debianArchitecture(triple)}-cross`,
      "or name another compiler in TILEWRIGHT_CC",
    ],
  });
}

function debianArchitecture(triple: string): string {
  if (triple.startsWith("aarch64")) return "arm64";
  if (triple.startsWith("arm")) return triple.endsWith("hf") ? "armhf" : "armel";
  return triple.split("-")[0].replace("x86_64", "amd64");
}

export function noNativeCompiler(candidates: readonly string[]): UserError {
  return new UserError({
    code: "B102",
    exit: "missingTool",
    title: "no C compiler for this machine",
    why: `none of ${candidates.join(", ")} is installed`,
    help: ["sudo apt-get install gcc libc6-dev", "or name another compiler in TILEWRIGHT_CC"],
  });
}

/** First lines of what a compiler said: the rest repeats or follows from them. */
function firstLines(text: string, count = 12): string {
  const lines = text.trimEnd().split("\n");
  const rest = lines.length - count;
  return [...lines.slice(0, count), ...(rest > 0 ? [`... ${rest} more lines`] : [])].join("\n");
}

export function compileFailed(file: string, bundle: string, compiler: string, stderr: string): UserError {
  return new UserError({
    code: "B103",
    exit: "buildFailed",
    title: `${compiler} refused ${file}`,
    where: `${bundle}/${file}`,
    why: firstLines(stderr),
    help: [
      "if the compiler knows none of the target's flags, a newer one is needed",
      "otherwise this is a bug in Tilewright: please report it with the file named above",
    ],
  });
}

export function linkFailed(program: string, bundle: string, compiler: string, stderr: string): UserError {
  return new UserError({
    code: "B104",
    exit: "buildFailed",
    title: `${compiler} could not link ${program}`,
    where: bundle,
    why: firstLines(stderr),
    help: ["programs are linked statically: the C library's static version (libc6-dev) must be installed"],
  });
}

export function buildInterrupted(): UserError {
  return new UserError({ code: "B105", exit: "interrupted", title: "interrupted while compiling C" });
}

export function compilerDoesNotStart(command: string, reason: string): UserError {
  return new UserError({
    code: "B106",
    exit: "missingTool",
    title: `the C compiler \`${command}\` does not start`,
    why: reason,
    help: [
      "TILEWRIGHT_CC names one program, without options: TILEWRIGHT_CC=/usr/bin/aarch64-linux-gnu-gcc-12",
      "clang is told the target's machine: TILEWRIGHT_CC=clang",
    ],
  });
}

export function wrongMachine(command: string, machine: string, triple: string, target: string): UserError {
  return new UserError({
    code: "B107",
    exit: "missingTool",
    title: `\`${command}\` compiles for ${machine}, but target ${target} is ${triple}`,
    help: ["unset TILEWRIGHT_CC", `or let it name a compiler for ${triple}`],
  });
}

export function notABundle(folder: string, reason: string): UserError {
  return new UserError({
    code: "B108",
    exit: "badInput",
    title: `${folder} is not a bundle`,
    why: reason,
    help: ["write one with `tilewright compile MODEL --target TARGET -o FOLDER`"],
  });
}

/** `reason` without the path Node adds: that is a temporary one. */
export function cannotWrite(path: string, reason: string): UserError {
  return new UserError({
    code: "B109",
    exit: "usage",
    title: `compiled files cannot be written to ${path}`,
    why: reason.replace(/, \w+ '.*$/, ""),
    help: [
      "check the free space and the rights of that folder",
      "TILEWRIGHT_CACHE names another folder for the cache of compiled files",
    ],
  });
}

export function emulatorTooNew(command: string): UserError {
  return new UserError({
    code: "B113",
    exit: "missingTool",
    title: `cycles cannot be modelled with this \`${command}\``,
    why: "the plugin that models them is written for qemu 4.2 to 8.2",
    help: [
      "install qemu-user of Debian 12 or Ubuntu 24.04",
      "or do without: leave --modelled or --choose model out",
    ],
  });
}

/** What compilers and linkers say when the disk is full. */
export function saysDiskFull(stderr: string): boolean {
  return /No space left on device|Disk quota exceeded/.test(stderr);
}
