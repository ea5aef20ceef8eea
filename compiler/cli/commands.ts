import type { Command, CommandGroup } from "./command.ts";
import { targetsList, targetsShow } from "./commands/targets.ts";

/** Every command, in the order of --help. */
export const COMMANDS: readonly (Command | CommandGroup)[] = [
  { name: "targets", summary: "Boards that can be compiled for", commands: [targetsList, targetsShow] },
];
