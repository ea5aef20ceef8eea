import { withUnusedRows } from "../../graph/unused-rows.ts";
import type { Check } from "../../results/results.schema.ts";
import { defined } from "../../support/assert.ts";
import { namedNumber } from "../../support/named-numbers.ts";
import { expectedOutputs } from "../../verify/carried-error.ts";
import { compareTensors } from "../../verify/compare.ts";
import { runNetwork } from "../run/run-network.ts";
import { type CheckOptions, failureIn, type NetworkUnderTest } from "./check-network.ts";
import type { OutsideReference } from "./reference/open-reference.ts";
import type { TestInputs } from "./test-inputs.ts";

/** Both sides round. */
const SIDES = 2;

/**
 * Compares a network's outputs with somebody else's: ONNX Runtime's, a file's, another program's. Layers between are not seen, so outputs may be
 * off by what they move when every layer rounds differently (verify/carried-error.ts), once for either side.
 */
export async function checkOutside(
  { graph, network, runner }: NetworkUnderTest,
  tested: TestInputs,
  reference: OutsideReference,
  { threads: [threads], tolerance, ...run }: CheckOptions,
): Promise<Check> {
  const { name, values } = tested;
  const given = await reference.outputs(tested);
  const wanted = new Map(
    [...given].map(([output, { shape, data }]) => {
      const tensor = graph.tensors.get(output);
      return [output, tensor === undefined ? data : withUnusedRows(tensor, shape, data)] as const;
    }),
  );
  const { outputs } = await runNetwork(network, runner, values, { ...run, threads });
  const inputs = new Map([...values].map(([input, { data }]) => [input, data]));
  const bounds = expectedOutputs(graph, inputs, network.metadata.layers);
  const told = { inputs: name, threads, reference: reference.name };
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
