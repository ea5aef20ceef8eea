import { CHOSEN_BY, type Kernel } from "../../artifact/kernel.ts";
import { BANDS, DIRECT, GATED } from "../../graph/node-task/conv-algorithms.ts";
import type { Plan } from "../../graph/plan.ts";
import type { Target } from "../../machine/target.schema.ts";
import { convAlgorithms } from "../../ops/conv2d/algorithms.ts";
import { ops } from "../../ops/index.ts";
import type { OpDef } from "../../ops/op.ts";
import type { Choices } from "../../schedule/choose.ts";
import { UserError } from "../../support/diagnostic.ts";
import { didYouMean, someOf } from "../../support/text.ts";

/** Where a decision comes from: an estimate, the model of the target's core, times of a board, or a person. */
export const SOURCES = ["estimate", ...CHOSEN_BY] as const;
export type DecisionSource = (typeof SOURCES)[number];

/** What was decided for one step of a network. */
export interface StepDecision {
  /** The layer that it works for; absent: the one of its name. */
  readonly layer?: string | undefined;
  /** The operator it was decided for; absent: whichever it is. */
  readonly op?: string | undefined;
  /** What its layer was computed by, of a part of a convolution. What is to be is said for the layer. */
  readonly algorithm?: string | undefined;
  /** Absent: the one that the operator picks. */
  readonly schedule?: string | undefined;
  /** Those not named are what the schedule prefers. */
  readonly knobs: Choices;
  readonly from: DecisionSource;
}

/** All that was decided for a network, as plain data. What is not decided is estimated. */
export interface Decisions {
  /** Name of an instruction set of the target; absent: that of the cheapest plan. */
  readonly isa?: string | undefined;
  /** Whether any layers were f16: others have other names, algorithms and schedules then. Absent: they are for either. */
  readonly floats?: "f16" | "f32" | undefined;
  /** Of convolutions, by layer: "direct", "winograd4", "winograd6:48+winograd4:8". */
  readonly algorithms: ReadonlyMap<string, string>;
  /** By step, as a plan and metadata.json name them. */
  readonly steps: ReadonlyMap<string, StepDecision>;
}

export const UNDECIDED: Decisions = { algorithms: new Map(), steps: new Map() };

/** What a compiled network was decided to be: all that compiling it again needs to give the same. */
export function decisionsOf(plan: Plan, kernels: readonly Kernel[], target: Target): Decisions {
  return {
    isa: target.isa.name,
    floats: floatsOf(plan),
    algorithms: plannedAlgorithms(plan),
    steps: new Map(
      plan.steps.map(({ name, layer, task, algorithm }, i) => {
        const { schedule, knobs, chosen } = kernels[i];
        const from = chosen ?? "estimate";
        return [name, { layer, op: task.op, algorithm, schedule, knobs, from }];
      }),
    ),
  };
}

function floatsOf({ steps }: Plan): "f16" | "f32" {
  return steps.some(({ task }) => task.floats === "f16") ? "f16" : "f32";
}

/** The algorithm of each convolution of a plan, by layer. */
export function plannedAlgorithms({ steps }: Plan): ReadonlyMap<string, string> {
  return new Map(
    steps.flatMap(({ layer, algorithm }) => (algorithm === undefined ? [] : [[layer, algorithm] as const])),
  );
}

/** Throws C337 for decisions of another instruction set. */
export function checkIsa({ isa }: Decisions, { name, isa: widest, narrower }: Target): void {
  const known = [widest, ...(narrower ?? [])].map((one) => one.name);
  if (isa === undefined || known.includes(isa)) return;
  throw new UserError({
    code: "C337",
    exit: "usage",
    title: `the decisions are for the instruction set \`${isa}\`, which \`${name}\` does not have`,
    why: `it has ${known.join(", ")}`,
    help: ["write them anew with --decisions-out FILE"],
  });
}

const allOps: Readonly<Record<string, OpDef | undefined>> = ops;

/** Decisions that the network has no place for are refused. Throws C331, C332, C333, C338. */
export function checkDecisions(decisions: Decisions, plan: Plan): void {
  const { floats = floatsOf(plan) } = decisions;
  if (floats !== floatsOf(plan)) throw otherFloats(floats);
  const planned = plannedAlgorithms(plan);
  for (const [layer, algorithm] of decisions.algorithms) {
    const actual = planned.get(layer);
    if (actual === undefined)
      throw computedWith(layer, plan) ?? unknownLayer(layer, [...planned.keys()], "convolution");
    if (actual !== algorithm) throw otherAlgorithm(layer, algorithm, actual);
  }
  const steps = new Map(plan.steps.map((step) => [step.name, step.task.op]));
  for (const [name, { op }] of decisions.steps) {
    const actual = steps.get(name);
    // a border in the same memory as another layer's is filled with that
    if (actual === undefined && op !== undefined && allOps[op]?.borders) continue;
    if (actual === undefined)
      throw computedWith(name, plan) ?? unknownLayer(name, [...steps.keys()], "layer");
    if (op !== undefined && op !== actual) throw otherOperator(name, op, actual);
  }
}

/** What a schedule refuses of a decision is told as a mistake in that decision. Throws C334. */
export function impose<T>(step: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof UserError) || !/^S(302|402|404)$/.test(error.diagnostic.code)) throw error;
    const { title, why, help } = error.diagnostic;
    throw new UserError(
      {
        code: "C334",
        exit: "usage",
        title: `what was decided for \`${step}\` cannot be: ${title}`,
        ...(why !== undefined && { why }),
        ...(help !== undefined && { help }),
      },
      { cause: error },
    );
  }
}

/** What to say of a layer that the one before it computes, too. Undefined if none does. */
export function computedWith(name: string, { steps }: Pick<Plan, "steps">): UserError | undefined {
  const step = steps.find(({ computes }) => computes === name);
  if (step === undefined) return undefined;
  return new UserError({
    code: "C339",
    exit: "usage",
    title: `the layer \`${name}\` is computed with \`${step.name}\``,
    why: "its input is made band of rows by band of rows, and is not stored",
    help: [`--set ${step.layer}.algorithm=${DIRECT} leaves each to itself`],
  });
}

function unknownLayer(name: string, known: readonly string[], what: string): UserError {
  const near = didYouMean(name, known);
  return new UserError({
    code: "C331",
    exit: "usage",
    title: `the network has no ${what} \`${name}\` to decide for`,
    why: known.length === 0 ? "it has none" : `there are ${someOf(known)}`,
    help: [near === undefined ? "`--decisions-out FILE` lists all of them" : `did you mean \`${near}\`?`],
  });
}

function otherAlgorithm(layer: string, wanted: string, actual: string): UserError {
  const parts = convAlgorithms.flatMap(({ names }) => names);
  return new UserError({
    code: "C332",
    exit: "usage",
    title: `\`${layer}\` cannot be computed by the algorithm \`${wanted}\` here`,
    why: `its sizes, its numbers, its place in memory, --numerics or the core do not allow it; it would be ${actual}`,
    help: [
      `algorithms: ${[DIRECT, BANDS, GATED, ...parts].join(", ")}, or by rows as winograd6:48+winograd4:8`,
    ],
  });
}

function otherFloats(floats: "f16" | "f32"): UserError {
  const [made, asked] = floats === "f16" ? ["with", "without"] : ["without", "with"];
  return new UserError({
    code: "C338",
    exit: "usage",
    title: `the decisions were made ${made} \`--numerics f16\`, and the network is compiled ${asked} it`,
    why: "layers of f16 have algorithms, schedules and tiles of their own",
    help: [
      floats === "f16" ? "add --numerics f16" : "leave --numerics f16 out",
      "or write them anew with --decisions-out FILE",
    ],
  });
}

function otherOperator(step: string, wanted: string, actual: string): UserError {
  return new UserError({
    code: "C333",
    exit: "usage",
    title: `what was decided for \`${step}\` is for the operator \`${wanted}\`, but it is \`${actual}\``,
    why: "decisions hold for the network, the target and the algorithms that they were made for",
    help: ["write them anew with --decisions-out FILE"],
  });
}
