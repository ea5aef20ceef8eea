import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import * as kernelLanguage from "../../language/kernel.ts";
import { UserError } from "../../support/diagnostic.ts";
import { shownPath } from "../../support/shown-path.ts";
import { didYouMean } from "../../support/text.ts";

type AnyFunction = (...args: readonly unknown[]) => unknown;

/** The files beside this one, as they are compiled or not. */
const OURS = import.meta.url.endsWith(".ts") ? "ts" : "js";
/** What a user's files may import by name: the words of kernels as they are loaded, and the library, of which schedules want types. */
const WORDS = { "tilewright/kernel": kernelLanguage };
const ALIAS = { tilewright: fileURLToPath(new URL(`../../index.${OURS}`, import.meta.url)) };

/**
 * The function of the name given, else the only one, that a TypeScript file exports. The file and what it
 * imports are read afresh, so that a changed file counts. Throws C311 (no file), C312 (no function), C313
 * (the file cannot be run).
 */
export async function userFunction(
  file: string,
  what: "kernel" | "schedule",
  name?: string,
): Promise<{ readonly name: string; readonly run: AnyFunction }> {
  const exported = await load(file, what);
  const functions = Object.entries(exported).filter(
    (entry): entry is [string, AnyFunction] => typeof entry[1] === "function",
  );
  const wanted = name ?? (functions.some(([n]) => n === what) ? what : undefined);
  const found =
    wanted === undefined
      ? functions.length === 1
        ? functions[0]
        : undefined
      : functions.find(([n]) => n === wanted);
  if (found !== undefined) return { name: found[0], run: found[1] };
  const names = functions.map(([n]) => n).sort();
  const close = name === undefined ? undefined : didYouMean(name, names);
  throw new UserError({
    code: "C312",
    exit: "badInput",
    title:
      name === undefined
        ? `which function of the file is the ${what} is not clear`
        : `no function \`${name}\` is exported`,
    where: shownPath(file),
    why:
      names.length === 0 ? "it exports no function" : `it exports ${names.map((n) => `\`${n}\``).join(", ")}`,
    help: [
      ...(close === undefined ? [] : [`did you mean \`${close}\`?`]),
      what === "schedule"
        ? "export one: export function schedule(s: Schedule, { dims, target, choose }: ScheduleContext) { return s; }"
        : `--${what} NAME chooses one; a kernel is declared as export function name(...) { ... }`,
    ],
  });
}

async function load(file: string, what: string): Promise<Readonly<Record<string, unknown>>> {
  const path = resolve(file);
  if (!existsSync(path)) {
    throw new UserError({
      code: "C311",
      exit: "badInput",
      title: `there is no ${what} file \`${file}\``,
      help: ["name a TypeScript file, such as my.kernel.ts"],
    });
  }
  const { createJiti } = await import("jiti");
  const jiti = createJiti(import.meta.url, {
    moduleCache: false,
    fsCache: false,
    virtualModules: WORDS,
    alias: ALIAS,
    interopDefault: false,
  });
  try {
    return await jiti.import<Readonly<Record<string, unknown>>>(path);
  } catch (error) {
    const [why] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw new UserError({
      code: "C313",
      exit: "badInput",
      title: `the ${what} file cannot be run`,
      where: placeIn(error, path) ?? shownPath(file),
      why: (why ?? "").replaceAll(`${path}: `, "").replaceAll(path, shownPath(file)),
    });
  }
}

/** `file:line` where a user's file was left, and the line; nothing when the stack does not name the file. */
export function placeIn(error: unknown, file: string, text?: string): string | undefined {
  const path = resolve(file);
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  for (const line of stack.split("\n")) {
    const at = line.indexOf(path);
    const match = at < 0 ? null : /^:(\d+):\d+/.exec(line.slice(at + path.length));
    if (match === null || !/^\s+at /.test(line)) continue;
    const source = text?.split("\n")[Number(match[1]) - 1];
    return `${shownPath(file)}:${match[1]}${source === undefined ? "" : `\n${source.trim()}`}`;
  }
  return undefined;
}
