#!/usr/bin/env node
import { EXIT } from "../support/exit-codes.ts";
import { watchOutput } from "./output-errors.ts";
import { runCli } from "./run-cli.ts";
import { processTerminal } from "./terminal.ts";

const terminal = processTerminal(process.env);
watchOutput(process, terminal);
// A user's kernel file runs in this process: one that ends it must not look like success.
let finished = false;
process.on("exit", (code) => {
  if (finished || code !== 0) return;
  process.stderr.write("error: the process was ended before the command was, by a file that it runs\n");
  process.exitCode = EXIT.internal;
});
const code = await runCli(process.argv.slice(2), terminal, process);
finished = true;
process.exitCode = code;
