import type { Graph } from "../../graph/graph.ts";
import { heldRange, isHeld, type PortType } from "../../ir/port-type.ts";
import { UserError } from "../../support/diagnostic.ts";

/** An input or output of a network, which computes in floats; `dtype` absent: f32. */
export interface InputPort {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype?: PortType | undefined;
}

/** The inputs of a network as it was read. */
export function inputPorts({ inputs, tensors }: Graph): readonly InputPort[] {
  return inputs.map((name) => {
    const { shape = [], type } = tensors.get(name) ?? {};
    return { name, shape, dtype: type };
  });
}

/** R117: a value that is none of its input's type, or that floats do not hold. */
export function checkHeld(
  ports: readonly InputPort[],
  inputs: ReadonlyMap<string, { readonly data: Float32Array | Float64Array }>,
): void {
  for (const { name, dtype = "f32" } of ports) {
    const data = inputs.get(name)?.data;
    const range = heldRange(dtype);
    if (data === undefined) continue;
    const at = data.findIndex((value) => !isHeld(dtype, value));
    if (at < 0) continue;
    throw new UserError({
      code: "R117",
      exit: "badInput",
      title: `input \`${name}\` is ${dtype} and cannot hold ${data[at]} (element ${at})`,
      why:
        range === undefined
          ? "the network computes in float32, which ends at 3.4e38"
          : `it takes whole numbers from ${range.min} to ${range.max}: the network computes in float32`,
      help: ["give numbers that the model was made for, in the type it declares"],
    });
  }
}
