import { mkdtemp, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Runner } from "../../../device/runner.ts";
import { UserError } from "../../../support/diagnostic.ts";
import { isFolder } from "../../../support/is-folder.ts";
import { shownPath } from "../../../support/shown-path.ts";
import type { BuiltNetwork } from "../../build-network.ts";
import type { Network } from "../../read-network.ts";
import type { InputPort } from "../../run/held-values.ts";
import { readInputs } from "../../run/network-files.ts";
import type { NetworkProgram } from "../../run/network-program.ts";
import { type RunOptions, runNetwork, type Values } from "../../run/run-network.ts";
import { goldenIdentity } from "../golden/identity.ts";
import { checkGolden, goldenOutputs, readGolden } from "../golden/read-golden.ts";
import { runOnnxRuntime } from "../onnx-runtime.ts";
import type { ReferenceWish } from "../suite.schema.ts";
import type { NetworkSubject, TestCase } from "../test-cases.ts";
import type { TestInputs } from "../test-inputs.ts";
import { modelFile } from "./model-file.ts";
import { earlierBundle, otherVersion } from "./other-program.ts";

/** Somebody else's outputs of a network; layers between are not seen. */
export interface OutsideReference {
  /** What results call it. */
  readonly name: string;
  readonly outputs: (inputs: TestInputs) => Promise<ReadonlyMap<string, Values>>;
}

/** What a reference is of, and where it runs. */
export interface Referred {
  readonly test: TestCase;
  readonly subject: NetworkSubject;
  readonly network: Network;
  readonly built: BuiltNetwork;
  readonly runner: Runner;
  /** Folder for what references make. */
  readonly folder: string;
  readonly run: RunOptions & { readonly signal: AbortSignal };
}

/** Throws C365, B108, R185, R188, R189 and what compiling throws; R181, R182 and R185 to R187 come with the outputs. */
export async function openReference(
  wish: Exclude<ReferenceWish, "kernels">,
  of: Referred,
): Promise<OutsideReference> {
  const { test, subject, network, built } = of;
  if (wish === "onnxruntime") return onnxRuntime(of);
  if ("golden" in wish) {
    const { golden } = wish;
    const name = shownPath(golden);
    checkGolden(golden);
    if (await isFolder(golden)) {
      let held: ReturnType<typeof readGolden> | undefined;
      const outputs = async (inputs: TestInputs): ReturnType<typeof goldenOutputs> => {
        held ??= readGolden(golden);
        return goldenOutputs(golden, await held, goldenIdentity(test, subject, network, inputs));
      };
      return {
        name,
        outputs: async (inputs) => checked(golden, await outputs(inputs), built.metadata.outputs),
      };
    }
    return { name, outputs: () => outputsIn(golden, built.metadata.outputs) };
  }
  if ("bundle" in wish) return running(await earlierBundle(wish.bundle, built), wish.bundle, of);
  const folder = await mkdtemp(join(of.folder, "reference-"));
  const { signal } = of.run;
  const model = await modelFile(subject, network, folder);
  const other = await otherVersion(wish.tilewright, { test, model, built, folder, signal });
  return running(other, wish.tilewright, of);
}

/** Another program on the same board. */
function running(program: NetworkProgram, where: string, { runner, run }: Referred): OutsideReference {
  const { tilewright, build } = program.metadata;
  const version = build === undefined ? tilewright : `${tilewright}, build ${build}`;
  return {
    name: `${shownPath(where)} (${version})`,
    outputs: async ({ values }) => (await runNetwork(program, runner, values, run)).outputs,
  };
}

/** Runs the model's own file, or one that is written of what is of no file. Throws C365 for what no file says. */
async function onnxRuntime({ subject, network, built, folder }: Referred): Promise<OutsideReference> {
  const unlike = unlikeItsFile(subject);
  if (unlike !== undefined) {
    throw new UserError({
      code: "C365",
      exit: "usage",
      title: "ONNX Runtime runs ONNX files as they are",
      why: unlike,
      help: ["leave `onnxruntime` out of its references: `kernels` compares every layer"],
    });
  }
  const { inputs, outputs } = built.metadata;
  const ports = { ports: inputs, outputs: outputs.map(({ name }) => name) };
  const file =
    subject.kind === "model" && !subject.model.startsWith("zoo:")
      ? subject.model
      : await modelFile(subject, network, folder);
  return {
    name: "onnxruntime",
    outputs: async ({ values }) => runOnnxRuntime(await readFile(file), values, ports),
  };
}

/** Why a case is of another network than its file. */
function unlikeItsFile(subject: NetworkSubject): string | undefined {
  if (subject.kind !== "model") return undefined;
  const { frames, topK, inputValues = [] } = subject.reading;
  if (frames !== undefined) return "this case takes frames in place of its input";
  if (topK !== undefined) return "this case gives the greatest scores in place of all";
  return inputValues.length > 0 ? "some of this case's inputs are compiled in" : undefined;
}

/** A file of outputs, as inputs are given. */
async function outputsIn(file: string, ports: readonly InputPort[]): Promise<ReadonlyMap<string, Values>> {
  return checked(file, await readInputs([file], ports), ports);
}

/** Throws R182 for outputs of which one is absent, or of another shape. */
function checked(
  where: string,
  found: ReadonlyMap<string, Values>,
  ports: readonly InputPort[],
): ReadonlyMap<string, Values> {
  for (const { name, shape } of ports) {
    const given = found.get(name);
    if (given !== undefined && given.shape.join() === shape.join()) continue;
    throw new UserError({
      code: "R182",
      exit: "badInput",
      title: `\`${where}\` holds no output \`${name}\` of shape [${shape.join(", ")}]`,
      ...(given !== undefined && { why: `it has shape [${given.shape.join(", ")}] there` }),
      help: ["`tilewright run MODEL --output-dir DIR` writes outputs as .npy files"],
    });
  }
  return found;
}
