#!/usr/bin/env node
import { watchOutput } from "./output-errors.ts";
import { runCli } from "./run-cli.ts";
import { processTerminal } from "./terminal.ts";

const terminal = processTerminal(process.env);
watchOutput(process, terminal);
process.exitCode = await runCli(process.argv.slice(2), terminal, process);
