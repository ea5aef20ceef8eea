import { UserError } from "../support/diagnostic.ts";
import { didYouMean } from "../support/text.ts";

/** Mistakes in the command line itself: C2xx, exit code 1. */
function usage(
  code: `C${number}`,
  title: string,
  why: string | undefined,
  help: readonly string[],
): UserError {
  return new UserError({ code, exit: "usage", title, ...(why === undefined ? {} : { why }), help });
}

export function unknownCommand(word: string, path: readonly string[], known: readonly string[]): UserError {
  const close = didYouMean(word, known);
  const before = ["tilewright", ...path].join(" ");
  return usage(
    "C201",
    `no command is named \`${[...path, word].join(" ")}\``,
    `commands: ${known.join(", ")}`,
    [
      ...(close === undefined ? [] : [`did you mean \`${before} ${close}\`?`]),
      `\`${before} --help\` describes them`,
    ],
  );
}

export function unknownOption(option: string, command: string, known: readonly string[]): UserError {
  const close = didYouMean(option, known);
  return usage("C202", `\`tilewright ${command}\` has no option \`${dashed(option)}\``, undefined, [
    ...(close === undefined ? [] : [`did you mean \`${dashed(close)}\`?`]),
    `\`tilewright ${command} --help\` lists its options`,
  ]);
}

export function missingArgument(what: string, command: string): UserError {
  return usage("C203", `\`tilewright ${command}\` needs ${what}`, undefined, [
    `\`tilewright ${command} --help\` shows how it is used`,
  ]);
}

export function extraWord(word: string, command: string): UserError {
  return usage("C204", `\`tilewright ${command}\` does not know what to do with \`${word}\``, undefined, [
    `\`tilewright ${command} --help\` shows how it is used`,
  ]);
}

export function badValue(option: string, value: string, wanted: string): UserError {
  return usage("C205", `\`${dashed(option)}\` cannot be \`${value}\``, `it has to be ${wanted}`, []);
}

/** Whatever the parser itself refuses. */
export function unreadable(message: string, command: string): UserError {
  return usage("C206", `cannot read the command line of \`tilewright ${command}\``, message, [
    `\`tilewright ${command} --help\` shows how it is used`,
  ]);
}

function dashed(option: string): string {
  return option.length === 1 ? `-${option}` : `--${option}`;
}
