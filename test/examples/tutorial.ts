import { readFileSync } from "node:fs";
import { join } from "node:path";
import { explainKernel } from "../../compiler/analyze/explain-kernel.ts";
import { compileUserKernel, type UserKernel } from "../../compiler/driver/kernel/user-kernel.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { messageOf } from "../support/message.ts";
import { CONV_DIMS, MATMUL_DIMS, STEPS, WRONG } from "./tutorial-steps.ts";

export const TARGET = loadTarget("qemu-rpi4");
const FOLDER = join(PACKAGE_ROOT, "test/examples");
const text = (file: string): string => readFileSync(join(FOLDER, file), "utf8");

/** Executed instructions by kernel; test/board/tutorial.test.ts checks them. */
export interface Counted {
  readonly steps: readonly number[];
  readonly matmul: number;
  readonly pointwise: number;
}

export function compileConv(schedule: string, file = "conv/conv.schedules.ts"): Promise<UserKernel> {
  return compileUserKernel({
    kernelFile: join(FOLDER, "conv/conv.kernel.ts"),
    scheduleFile: join(FOLDER, file),
    schedule,
    dims: CONV_DIMS,
    choices: {},
    target: TARGET,
  });
}

export function compileMatmul(): Promise<UserKernel> {
  return compileUserKernel({
    kernelFile: join(FOLDER, "matmul/matmul.kernel.ts"),
    scheduleFile: join(FOLDER, "matmul/matmul.schedule.ts"),
    dims: MATMUL_DIMS,
    choices: {},
    target: TARGET,
  });
}

/** The whole tutorial, from the files beside this one and what the compiler makes of them. */
export async function tutorialText(counted: Counted): Promise<string> {
  const users = await Promise.all(STEPS.map(({ schedule }) => compileConv(schedule)));
  const steps = STEPS.map((step, i) => stepText(i + 1, step, users[i], counted.steps[i]));
  const wrong = await Promise.all(WRONG.map(wrongText));
  const dims = (d: Readonly<Record<string, number>>): string =>
    Object.entries(d)
      .map(([name, value]) => `${name}=${value}`)
      .join(",");
  return `${[
    "# From a naive convolution to a fast kernel",
    "Everything here is run by the tests: the C, the figures and the messages are what the compiler makes of the files in this folder (`make golden` writes this page anew).",
    "## The kernel",
    "A kernel is a plain function of loops. Node runs it as it stands, and that is the reference every schedule is checked against.",
    fence("ts", text("conv/conv.kernel.ts")),
    "Compile it with a schedule, check it and time it, again on every save:",
    fence(
      "sh",
      `tilewright schedule test/examples/conv/conv.kernel.ts test/examples/conv/conv.schedules.ts \\\n  --schedule step4 --shape ${dims(CONV_DIMS)} --board ${TARGET.name} --watch`,
    ),
    "`tilewright explain` with the same files shows the loops that come out, what each touches and what bounds them.",
    ...steps,
    "## All of it",
    table(users, counted),
    "Operations are counted from the vector procedure, instructions executed under qemu: both are exact, neither is a time. `--board user@host` gives times.",
    "## Three schedules that are wrong",
    ...wrong,
    "## A matrix multiply of your own",
    "The same steps on another kernel:",
    fence("ts", text("matmul/matmul.kernel.ts")),
    fence("ts", text("matmul/matmul.schedule.ts")),
    fence(
      "sh",
      `tilewright schedule test/examples/matmul/matmul.kernel.ts test/examples/matmul/matmul.schedule.ts \\\n  --shape ${dims(MATMUL_DIMS)} --board ${TARGET.name}`,
    ),
    `It executes ${millions(counted.matmul)} million instructions, the built-in pointwise convolution of the same size (28x28 pixels, 64 to 64 channels) ${millions(counted.pointwise)} million: ${((counted.matmul / counted.pointwise - 1) * 100).toFixed(1)} % more.`,
  ].join("\n\n")}\n`;
}

function stepText(
  number: number,
  step: (typeof STEPS)[number],
  user: UserKernel,
  instructions: number,
): string {
  const source = text("conv/conv.schedules.ts");
  const e = explainKernel(user.kernel, user.schedule.proc, user.vector, TARGET);
  const perMac = (instructions / user.kernel.macs).toFixed(2);
  return [
    `## ${number}. ${step.title}`,
    step.text,
    fence("ts", step.shown.map((name) => functionText(source, name)).join("\n\n")),
    "The innermost loop:",
    fence("c", innermost(user.kernel.c)),
    `${millions(instructions)} million instructions, ${perMac} for each multiply-accumulate; ${e.registers.alive} of ${e.registers.available} vector registers alive at most.`,
  ].join("\n\n");
}

function table(users: readonly UserKernel[], counted: Counted): string {
  const rows = users.map((user, i) => {
    const { fma, loads, broadcasts, scalar } = explainKernel(
      user.kernel,
      user.schedule.proc,
      user.vector,
      TARGET,
    ).operations;
    const cells = [fma, loads + broadcasts, scalar, counted.steps[i]].map(millions);
    return `| ${i + 1}. ${STEPS[i].title} | ${cells.join(" | ")} | ${(counted.steps[i] / user.kernel.macs).toFixed(2)} |`;
  });
  return [
    "| step | vector multiply-adds | vector loads | scalar operations | instructions | for each MAC |",
    "| --- | ---: | ---: | ---: | ---: | ---: |",
    ...rows,
    "",
    `In millions; ${(users[0].kernel.macs / 1e6).toFixed(2)} million multiply-accumulates each.`,
  ].join("\n");
}

async function wrongText({ schedule, text: lesson }: (typeof WRONG)[number]): Promise<string> {
  const message = await messageOf(() => compileConv(schedule, "conv/wrong.schedules.ts"));
  const source = functionText(text("conv/wrong.schedules.ts"), schedule);
  const plain = message.replaceAll(`${PACKAGE_ROOT}/`, "");
  return [lesson, fence("ts", source), fence("", plain)].join("\n\n");
}

/** A function of a file with its comment. */
function functionText(source: string, name: string): string {
  const start = source.search(new RegExp(`^(export )?function ${name}\\b`, "m"));
  const before = source.lastIndexOf("\n\n", start) + 2;
  return source.slice(before, source.indexOf("\n}\n", start) + 2);
}

/** Lines of C shown of one loop. */
const MOST_LINES = 12;

/** The longest loop of a C text that holds no other, its middle left out. */
export function innermost(c: string): string {
  const lines = c.split("\n");
  const loops = lines.flatMap((line, from) => {
    const margin = /^( *)for \(/.exec(line)?.[1];
    if (margin === undefined) return [];
    const to = lines.findIndex((l, i) => i > from && l === `${margin}}`);
    const body = lines.slice(from, to + 1);
    return body.slice(1).some((l) => /^ *for \(/.test(l)) ? [] : [body.map((l) => l.slice(margin.length))];
  });
  const longest = loops.reduce((a, b) => (b.length > a.length ? b : a));
  if (longest.length <= MOST_LINES + 2) return longest.join("\n");
  const left = longest.length - MOST_LINES - 1;
  return [...longest.slice(0, MOST_LINES), `    /* ... ${left} more lines */`, "}"].join("\n");
}

function fence(language: string, body: string): string {
  return `\`\`\`${language}\n${body.trimEnd()}\n\`\`\``;
}

function millions(n: number): string {
  return (n / 1e6).toFixed(2);
}
