import yargs, { type Argv } from "yargs";
import type { Command, CommandGroup, OptionTable, Positional, Values } from "./command.ts";
import { joinValues } from "./join-values.ts";
import { extraWord, missingArgument, unknownCommand, unknownOption, unreadable } from "./usage-errors.ts";

export type Parsed =
  | { readonly kind: "text"; readonly text: string; readonly ok: boolean }
  | { readonly kind: "command"; readonly command: Command; readonly values: Values<OptionTable> };

const GLOBAL = ["help", "h", "version"];

/** Finds the command and its values, or the text of --help and --version. Throws C201 to C206. */
export function parseCommandLine(
  argv: readonly string[],
  entries: readonly (Command | CommandGroup)[],
  version: string,
  columns: number,
): Parsed {
  const { command, path, rest } = findCommand(argv, entries);
  if (command === undefined) {
    if (rest.includes("--version")) return { kind: "text", text: version, ok: true };
    const shown = path.length === 0 ? entries : groupOf(path, entries).commands;
    const text = helpOf(overview(path, shown), columns);
    return { kind: "text", text, ok: rest.some((word) => GLOBAL.includes(word.replace(/^-+/, ""))) };
  }
  const name = path.join(" ");
  const parser = parserOf(command, name);
  if (rest.includes("--help") || rest.includes("-h"))
    return { kind: "text", text: helpOf(parser, columns), ok: true };
  const found = parser.help(false).parseSync(joinValues(rest, command, name));
  return { kind: "command", command, values: checked(found, command, name) };
}

interface Found {
  readonly command?: Command;
  readonly path: readonly string[];
  readonly rest: readonly string[];
}

/** Commands are the first words: options before them are --help and --version only. */
function findCommand(argv: readonly string[], entries: readonly (Command | CommandGroup)[]): Found {
  const [word, ...rest] = argv;
  if (word === undefined || word.startsWith("-")) return { path: [], rest: argv };
  const entry = entries.find((e) => e.name === word);
  if (entry === undefined)
    throw unknownCommand(
      word,
      [],
      entries.map((e) => e.name),
    );
  if (!("commands" in entry)) return { command: entry, path: [word], rest };
  const [second, ...after] = rest;
  if (second === undefined || second.startsWith("-")) {
    const { usual } = entry;
    const asks = usual === undefined || rest.includes("--help") || rest.includes("-h");
    return asks ? { path: [word], rest } : { command: usual, path: [word, usual.name], rest };
  }
  const command = entry.commands.find((c) => c.name === second);
  if (command === undefined)
    throw unknownCommand(
      second,
      [word],
      entry.commands.map((c) => c.name),
    );
  return { command, path: [word, second], rest: after };
}

function groupOf(path: readonly string[], entries: readonly (Command | CommandGroup)[]): CommandGroup {
  const group = entries.find((e): e is CommandGroup => e.name === path[0] && "commands" in e);
  return group ?? { name: "", summary: "", commands: [] };
}

function bare(): Argv {
  return yargs([])
    .scriptName("tilewright")
    .locale("en")
    .version(false)
    .exitProcess(false)
    .help("help")
    .alias("help", "h")
    .describe("help", "this text")
    .parserConfiguration({
      "dot-notation": false,
      "duplicate-arguments-array": true,
      "boolean-negation": false,
      "greedy-arrays": false,
    });
}

function overview(path: readonly string[], entries: readonly (Command | CommandGroup)[]): Argv {
  const before = ["tilewright", ...path].join(" ");
  const about =
    path.length === 0
      ? ["", "Compiles convolutional networks to tuned C for Arm boards, runs and times them there."]
      : [];
  const parser = bare().usage([`${before} COMMAND ...`, ...about].join("\n"));
  for (const entry of entries) parser.command([...path, usageWords(entry)].join(" "), entry.summary);
  if (path.length === 0) parser.option("version", { type: "boolean", describe: "print the version" });
  return parser.epilogue(`\`${before} COMMAND --help\` tells more about one command.`);
}

function usageWords(entry: Command | CommandGroup): string {
  if ("commands" in entry) return `${entry.name} ${entry.commands.map((c) => c.name).join("|")}`;
  return [entry.name, ...entry.positionals.map(positionalWord)].join(" ");
}

function positionalWord({ name, required, many }: Positional): string {
  const word = many ? `${name}...` : name;
  return required ? word : `[${word}]`;
}

function parserOf(command: Command, name: string): Argv {
  const words = command.positionals.map(positionalWord);
  const needed = Object.entries(command.options).filter(([, option]) => option.required);
  const usage = [
    "tilewright",
    name,
    ...words,
    ...needed.map(([key]) => `--${key} ${key.toUpperCase()}`),
    "[options]",
  ];
  const details = command.positionals.map((p) => `  ${p.name.padEnd(8)} ${p.describe}`);
  const parser = bare().usage(
    [usage.join(" "), "", command.summary, ...(details.length > 0 ? ["", ...details] : [])].join("\n"),
  );
  for (const [key, { required: _, ...option }] of Object.entries(command.options)) parser.option(key, option);
  for (const [line, what] of command.examples) parser.example(line, what);
  return parser.fail((message, error) => {
    throw unreadable(message ?? error?.message ?? "", name);
  });
}

function helpOf(parser: Argv, columns: number): string {
  let text = "";
  parser.wrap(Math.min(columns, 110)).showHelp((help) => {
    text = help;
  });
  return text.replace(/[ \t]+$/gm, "");
}

function checked(found: Record<string, unknown>, command: Command, name: string): Values<OptionTable> {
  const aliases = Object.values(command.options).flatMap((o) => o.alias ?? []);
  const known = new Set([...Object.keys(command.options), ...aliases]);
  const camel = (key: string): string =>
    key.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const allowed = new Set([...known, ...[...known].map(camel), "_", "$0"]);
  const unknown = Object.keys(found).find((key) => !allowed.has(key));
  if (unknown !== undefined) throw unknownOption(unknown, name, Object.keys(command.options));
  const words = Array.isArray(found._) ? found._.map(String) : [];
  for (const [i, { name: word, required }] of command.positionals.entries()) {
    if (required && words[i] === undefined) throw missingArgument(word, name);
  }
  const rest = words.slice(command.positionals.length);
  if (rest.length > 0 && !command.positionals.at(-1)?.many) throw extraWord(rest[0], name);
  for (const [key, option] of Object.entries(command.options)) {
    if (option.required && found[key] === undefined) throw missingArgument(`--${key}`, name);
    if (Array.isArray(found[key]) && !option.array)
      throw unreadable(`--${key} is given more than once`, name);
  }
  return { ...found, words: Object.fromEntries(command.positionals.map((p, i) => [p.name, words[i]])), rest };
}
