import type { Command } from "./command.ts";
import { badValue, missingArgument } from "./usage-errors.ts";

/**
 * Writes `--option value` as `--option=value`, so that a value may begin with a dash (`--target -mcpu=...`)
 * and a missing one is noticed. Throws C203 and C205.
 */
export function joinValues(words: readonly string[], command: Command, name: string): string[] {
  const keys = keysOf(command);
  const joined: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    if (word === "--") return [...joined, ...words.slice(i)];
    const [head = "", ...tail] = word.split("=");
    const key = keys.get(head);
    const type = key === undefined ? undefined : command.options[key]?.type;
    if (key === undefined || type === "boolean") {
      joined.push(word);
      continue;
    }
    const value = tail.length > 0 ? tail.join("=") : words[++i];
    if (value === undefined || keys.has(value.split("=")[0] ?? ""))
      throw missingArgument(`a value after ${head}`, name);
    if (type === "number" && !/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(value))
      throw badValue(key, value, "a number");
    joined.push(`--${key}=${value}`);
  }
  return joined;
}

/** Every way to write an option, with its dashes, and the option's name. */
function keysOf(command: Command): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(command.options).flatMap(([key, { alias }]) => {
      const short = [key, alias].filter((word) => typeof word === "string" && word.length === 1);
      return [[`--${key}`, key] as const, ...short.map((letter) => [`-${letter}`, key] as const)];
    }),
  );
}
