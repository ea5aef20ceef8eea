import { readFile } from "node:fs/promises";
import { withUnusedRows } from "../../graph/unused-rows.ts";
import type { Check } from "../../results/results.schema.ts";
import { defined } from "../../support/assert.ts";
import { UserError } from "../../support/diagnostic.ts";
import { namedNumber } from "../../support/named-numbers.ts";
import { expectedOutputs } from "../../verify/carried-error.ts";
import { compareTensors } from "../../verify/compare.ts";
import type { InputPort } from "../run/held-values.ts";
import { readInputs } from "../run/network-files.ts";
import { runNetwork, type Values } from "../run/run-network.ts";
import { type CheckOptions, failureIn, type NetworkUnderTest } from "./check-network.ts";
import { runOnnxRuntime } from "./onnx-runtime.ts";
import type { ReferenceWish } from "./suite.schema.ts";
import type { NetworkSubject } from "./test-cases.ts";
import type { TestInputs } from "./test-inputs.ts";

type Outside = Exclude<ReferenceWish, "kernels">;

/** Both sides round. */
const SIDES = 2;

/**
 * Compares a network's outputs with somebody else's: ONNX Runtime's, or a file's. Layers between are not seen, so outputs may be
 * off by what they move when every layer rounds differently (verify/carried-error.ts), once for either side.
 */
export async function checkOutside(
  subject: NetworkSubject,
  { graph, network, runner }: NetworkUnderTest,
  { name, values }: TestInputs,
  reference: Outside,
  { threads: [threads], tolerance, ...run }: CheckOptions,
): Promise<Check> {
  const given = await outputsOf(subject, graph.outputs, values, reference, network);
  const wanted = new Map(
    [...given].map(([output, { shape, data }]) => {
      const tensor = graph.tensors.get(output);
      return [output, tensor === undefined ? data : withUnusedRows(tensor, shape, data)] as const;
    }),
  );
  const { outputs } = await runNetwork(network, runner, values, { ...run, threads });
  const inputs = new Map([...values].map(([input, { data }]) => [input, data]));
  const bounds = expectedOutputs(graph, inputs, network.metadata.layers);
  const told = {
    inputs: name,
    threads,
    reference: typeof reference === "string" ? reference : reference.golden,
  };
  let most = 0;
  for (const [output, found] of outputs) {
    const data = defined(wanted.get(output), `output ${output}`);
    const bound = SIDES * (bounds.get(output)?.tolerance ?? 0);
    const compared = compareTensors(
      found.shape,
      found.data,
      data,
      data.map(() => bound),
      tolerance,
    );
    most = Math.max(most, compared.worst?.ofBound ?? 0);
    if (compared.badCount > 0) {
      return { ...told, ok: false, ofBound: namedNumber(most), failure: failureIn(output, compared) };
    }
  }
  return { ...told, ok: true, ofBound: namedNumber(most) };
}

async function outputsOf(
  subject: NetworkSubject,
  names: readonly string[],
  inputs: ReadonlyMap<string, Values>,
  reference: Outside,
  { metadata }: NetworkUnderTest["network"],
): Promise<ReadonlyMap<string, Values>> {
  if (typeof reference !== "string") return goldenOutputs(reference.golden, metadata.outputs);
  const unlike = unlikeItsFile(subject);
  if (subject.kind !== "model" || unlike !== undefined) {
    throw new UserError({
      code: "C365",
      exit: "usage",
      title: "ONNX Runtime runs ONNX files as they are",
      why: unlike ?? "this case is of another kind",
      help: ["leave `onnxruntime` out of its references: `kernels` compares every layer"],
    });
  }
  return runOnnxRuntime(await readFile(subject.model), inputs, { ports: metadata.inputs, outputs: names });
}

/** Why a case is of no file, or of another network than its file. */
function unlikeItsFile(subject: NetworkSubject): string | undefined {
  if (subject.kind !== "model" || subject.model.startsWith("zoo:")) return "this case is of another kind";
  const { frames, topK, inputValues = [] } = subject.reading;
  if (frames !== undefined) return "this case takes frames in place of its input";
  if (topK !== undefined) return "this case gives the greatest scores in place of all";
  return inputValues.length > 0 ? "some of this case's inputs are compiled in" : undefined;
}

/** A file of outputs, as inputs are given. Throws R182 for one that lacks an output, or has it in another shape. */
async function goldenOutputs(
  file: string,
  ports: readonly InputPort[],
): Promise<ReadonlyMap<string, Values>> {
  const found = await readInputs([file], ports);
  for (const { name, shape } of ports) {
    const given = found.get(name);
    if (given !== undefined && given.shape.join() === shape.join()) continue;
    throw new UserError({
      code: "R182",
      exit: "badInput",
      title: `\`${file}\` holds no output \`${name}\` of shape [${shape.join(", ")}]`,
      ...(given !== undefined && { why: `it has shape [${given.shape.join(", ")}] there` }),
      help: ["`tilewright run MODEL --output-dir DIR` writes outputs as .npy files"],
    });
  }
  return found;
}
