import { readFileSync, statSync } from "node:fs";
import { z } from "zod";
import type { Option } from "../../schedule/choose.ts";
import { compactJson } from "../../support/compact-json.ts";
import { compilerBuild } from "../../support/compiler-build.ts";
import { UserError } from "../../support/diagnostic.ts";
import { packageVersion } from "../../support/version.ts";
import { type Decisions, SOURCES, type StepDecision } from "./decisions.ts";

/** A file may come from somebody else. */
const name = z.string().min(1).max(10_000);
const option = z.union([z.number(), z.boolean(), z.string().max(1000)]);
const MOST_BYTES = 2 ** 26;

const schema = z.strictObject({
  version: z.literal(1),
  network: name,
  target: name,
  isa: name,
  /** Absent: f32. */
  floats: z.literal("f16").optional(),
  tilewright: name,
  /** Hash of the compiler that decided. */
  build: name,
  layers: z
    .array(
      z.strictObject({
        name,
        /** Absent: the one of that name. */
        layer: name.optional(),
        op: name,
        /** Of all parts of a convolution. */
        algorithm: name.optional(),
        schedule: name,
        knobs: z.record(name, option),
        from: z.enum(SOURCES),
      }),
    )
    .max(100_000),
});

/** The text of a file of decisions: JSON that a person can read and change. */
export function decisionsText(decisions: Decisions, network: string, target: string): string {
  const file: z.infer<typeof schema> = {
    version: 1,
    network,
    target,
    isa: decisions.isa ?? "",
    ...(decisions.floats === "f16" && { floats: decisions.floats }),
    tilewright: packageVersion(),
    build: compilerBuild(),
    layers: [...decisions.steps].map(([step, decision]) => {
      const { layer = step, op = "", algorithm, schedule = "", knobs, from } = decision;
      return {
        name: step,
        ...(layer !== step && { layer }),
        op,
        ...(algorithm && { algorithm }),
        schedule,
        knobs: { ...knobs },
        from,
      };
    }),
  };
  return `${compactJson(file)}\n`;
}

/** Reads such a file. Throws C335. */
export function readDecisions(path: string): Decisions {
  const parsed = schema.safeParse(jsonOf(path));
  if (!parsed.success) {
    const [{ path: at, message }] = parsed.error.issues;
    throw notDecisions(path, `${at.join(".") || "the whole file"}: ${message}`);
  }
  const { isa, floats = "f32", layers } = parsed.data;
  const algorithms = layers.flatMap((layer) =>
    layer.algorithm === undefined ? [] : [[layer.layer ?? layer.name, layer.algorithm] as const],
  );
  return {
    isa,
    floats,
    algorithms: new Map(algorithms),
    steps: new Map(layers.map(({ name: step, ...decision }) => [step, decision])),
  };
}

/**
 * `LAYER.NAME=VALUE` of a command line laid over decisions: NAME is a knob, `schedule` or `algorithm`. Another algorithm
 * or schedule takes what was decided for the old one away. Throws C336.
 */
export function withSetting(decisions: Decisions, setting: string): Decisions {
  const found = /^(?<layer>.+)\.(?<what>\w[\w-]*)=(?<value>.+)$/s.exec(setting)?.groups;
  if (found === undefined) throw unreadableSetting(setting);
  const { layer, what, value } = found;
  const steps = new Map(decisions.steps);
  if (what === "algorithm") {
    const parts = [...steps].filter(([step, { layer: of = step }]) => of === layer).map(([step]) => step);
    for (const step of parts) steps.delete(step);
    return { ...decisions, steps, algorithms: new Map([...decisions.algorithms, [layer, value]]) };
  }
  const old: StepDecision = steps.get(layer) ?? { knobs: {}, from: "user" };
  const next: StepDecision =
    what === "schedule"
      ? { ...old, schedule: value, knobs: {}, from: "user" }
      : { ...old, knobs: { ...old.knobs, [what]: optionOf(value) }, from: "user" };
  return { ...decisions, steps: steps.set(layer, next) };
}

function optionOf(text: string): Option {
  if (text === "true" || text === "false") return text === "true";
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function jsonOf(path: string): unknown {
  try {
    const { size } = statSync(path);
    if (size > MOST_BYTES) throw new Error(`it has ${size} bytes, the limit is ${MOST_BYTES}`);
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw notDecisions(path, error instanceof Error ? error.message : String(error));
  }
}

function notDecisions(path: string, why: string): UserError {
  return new UserError({
    code: "C335",
    exit: "badInput",
    title: `\`${path}\` holds no decisions`,
    why,
    help: ["`tilewright compile MODEL --target TARGET -o FOLDER --decisions-out FILE` writes such files"],
  });
}

function unreadableSetting(setting: string): UserError {
  return new UserError({
    code: "C336",
    exit: "usage",
    title: `--set ${JSON.stringify(setting)} is not LAYER.NAME=VALUE`,
    help: [
      "for example --set conv1.tile=4x4x2, --set conv1.schedule=direct, --set conv1.algorithm=winograd4",
    ],
  });
}
