import { join } from "node:path";
import { isTfliteName } from "../../../frontend/load-model.ts";
import { exportOnnx } from "../../../frontend/onnx/export.ts";
import { writeWhole } from "../../../support/write-whole.ts";
import type { Network } from "../../read-network.ts";
import type { NetworkSubject } from "../test-cases.ts";

/** The ONNX file of a case: the user's, or where it is none or is read in a way of its own one that is written into `folder`. */
export async function modelFile(
  subject: NetworkSubject,
  { graph }: Pick<Network, "graph">,
  folder: string,
): Promise<string> {
  if (subject.kind === "model" && !subject.model.startsWith("zoo:")) {
    const { inputShapes, inputValues = [], frames, topK } = subject.reading;
    const isPlain =
      inputShapes.length + inputValues.length === 0 && frames === undefined && topK === undefined;
    if (isPlain && !isTfliteName(subject.model)) return subject.model;
  }
  const file = join(folder, "network.onnx");
  await writeWhole(file, exportOnnx(graph));
  return file;
}
