import { resolve } from "node:path";
import type { Numerics } from "../../ops/numerics.ts";
import type { Option } from "../../schedule/choose.ts";
import { UserError } from "../../support/diagnostic.ts";
import type { Reading } from "../read-network.ts";
import { impossible, layerName } from "./layer-graph.ts";
import { modelCase, readingOf } from "./model-case.ts";
import { type ReadSuite, readLayers } from "./read-suite.ts";
import type { Conditions, InputWish, LayerSizes, ReferenceWish, Suite, SuiteCase } from "./suite.schema.ts";
import type { Measure } from "./suite-words.ts";

/** A network; `shown`: as the user wrote it, on no machine in particular. */
export type NetworkSubject =
  | {
      readonly kind: "model";
      readonly model: string;
      readonly shown: string;
      readonly reading: Reading;
    }
  | { readonly kind: "layer"; readonly layer: LayerSizes };

/** A kernel of the user's own. */
export interface KernelSubject {
  readonly kind: "kernel";
  readonly file: string;
  readonly shown: string;
  readonly kernelFunction?: string;
  readonly schedule?: string;
  readonly scheduleFunction?: string;
  readonly sizes: Readonly<Record<string, number>>;
  readonly set: Readonly<Record<string, Option>>;
}

/** What is tested. */
export type Subject = NetworkSubject | KernelSubject;

/** One thing on one board, nothing left open. */
export interface TestCase {
  /** Of no other case of the suite. */
  readonly name: string;
  /** The same on every board. */
  readonly title: string;
  readonly subject: Subject;
  readonly board: string;
  readonly target?: string;
  readonly threads: readonly number[];
  readonly inputs: readonly InputWish[];
  readonly seed: number;
  readonly references: readonly ReferenceWish[];
  readonly tolerance: number;
  readonly measure: readonly Measure[];
  readonly numerics: Numerics;
  readonly decisions?: string;
  readonly records: readonly string[];
}

type Usually =
  | "boards"
  | "threads"
  | "inputs"
  | "seed"
  | "references"
  | "tolerance"
  | "measure"
  | "numerics"
  | "records";
type Usual = { readonly [K in Usually]: NonNullable<Suite[K]> };

/** What holds where neither a case nor its suite says otherwise. */
const DEFAULTS: Usual = {
  boards: ["host"],
  threads: [1, 4],
  inputs: ["random", "ones", "ramp"],
  seed: 1,
  references: ["kernels"],
  tolerance: 1,
  measure: [],
  numerics: "fast",
  records: [],
};

type Said = Usual & Pick<Suite, "target" | "decisions">;

/** The cases of a suite, board by board. Throws C361 and C362 for tables of layers, C363 for names that are given twice. */
export async function testCases({ suite, folder }: ReadSuite): Promise<readonly TestCase[]> {
  const { cases, name: _, $schema: __, ...shared } = suite;
  const all: TestCase[] = [];
  for (const each of cases) {
    for (const { subject, name } of await subjectsOf(each, folder)) {
      const wanted: Said = { ...DEFAULTS, ...said(shared), ...said(each) };
      const inFolder = (path: string): string => resolve(folder, path);
      for (const board of wanted.boards) {
        all.push({
          name: `${name} on ${board}`,
          title: name,
          subject,
          board,
          ...(wanted.target !== undefined && { target: wanted.target }),
          threads: wanted.threads,
          inputs: wanted.inputs.map((wish) =>
            typeof wish === "string" ? wish : { files: wish.files.map((file) => fileIn(folder, file)) },
          ),
          seed: wanted.seed,
          references: wanted.references.map((wish) => referenceIn(wish, inFolder)),
          tolerance: wanted.tolerance,
          measure: wanted.measure,
          numerics: wanted.numerics,
          ...(wanted.decisions !== undefined && { decisions: inFolder(wanted.decisions) }),
          records: wanted.records.map(inFolder),
        });
      }
    }
  }
  refuseTwins(all);
  return all;
}

/** A suite of one model, as `test model.onnx` means it. */
export function suiteOf(model: string, conditions: Conditions, reading: Reading): ReadSuite {
  return { name: model, folder: ".", suite: { ...conditions, cases: [modelCase(model, reading)] } };
}

/** A suite all of whose cases are tried under these conditions, whatever its file says. */
export function withConditions({ suite, ...read }: ReadSuite, conditions: Conditions): ReadSuite {
  const cases = suite.cases.map((each) => ({ ...each, ...conditions }));
  return { ...read, suite: { ...suite, cases } };
}

interface Named {
  readonly subject: Subject;
  readonly name: string;
}

async function subjectsOf(each: SuiteCase, folder: string): Promise<readonly Named[]> {
  if ("model" in each) {
    const model = each.model.startsWith("zoo:") ? each.model : resolve(folder, each.model);
    const subject: Subject = { kind: "model", model, shown: each.model, reading: readingOf(each) };
    return [{ subject, name: each.name ?? each.model }];
  }
  if ("kernel" in each) {
    const { kernel, schedule, sizes = {}, set = {}, kernelFunction, scheduleFunction } = each;
    const functions = {
      ...(kernelFunction !== undefined && { kernelFunction }),
      ...(scheduleFunction !== undefined && { scheduleFunction }),
    };
    const file = resolve(folder, kernel);
    const scheduled = schedule === undefined ? {} : { schedule: resolve(folder, schedule) };
    const subject: Subject = { kind: "kernel", file, shown: kernel, ...scheduled, ...functions, sizes, set };
    const parts = [kernel, kernelFunction, schedule, scheduleFunction].filter((part) => part !== undefined);
    return [{ subject, name: each.name ?? parts.join(" ") }];
  }
  const layers = "layer" in each ? [each.layer] : await readLayers(resolve(folder, each.layers));
  return layers.map((layer) => {
    const name = ("layer" in each ? each.name : undefined) ?? layerName(layer);
    const why = impossible(layer);
    if (why !== undefined) throw noLayer(name, why);
    return { subject: { kind: "layer", layer }, name };
  });
}

/** Conditions that are there: those that are not must not hide the suite's. */
function said(conditions: object): Partial<Said> {
  const present = Object.entries(conditions).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present);
}

/** Paths of references are a suite's, too. */
function referenceIn(wish: ReferenceWish, inFolder: (path: string) => string): ReferenceWish {
  if (typeof wish === "string") return wish;
  if ("golden" in wish) return { golden: inFolder(wish.golden) };
  return "bundle" in wish ? { bundle: inFolder(wish.bundle) } : { tilewright: inFolder(wish.tilewright) };
}

/** `NAME=FILE` and `FILE.npz:ARRAY` are `--input`'s. */
function fileIn(folder: string, text: string): string {
  const [, name = "", file = text] = /^([^=/]+=)(.*)$/.exec(text) ?? [];
  return `${name}${resolve(folder, file)}`;
}

function refuseTwins(cases: readonly TestCase[]): void {
  const seen = new Set<string>();
  for (const { name } of cases) {
    if (seen.has(name)) {
      throw new UserError({
        code: "C363",
        exit: "usage",
        title: `the suite has two cases \`${name}\``,
        why: "results are compared by the names of their cases",
        help: ["give one of them another `name`"],
      });
    }
    seen.add(name);
  }
}

function noLayer(name: string, why: string): UserError {
  return new UserError({ code: "C364", exit: "usage", title: `there is no layer \`${name}\``, why });
}
