import { commentText, cString, distinctNames } from "../codegen/c-text.ts";
import type { PortView } from "../codegen/views.ts";
import type { Plan, Port } from "../graph/plan.ts";
import { invariant } from "../support/assert.ts";
import { cIdentifier } from "../support/text.ts";

/** Names that the templates use themselves where an input's or output's name may appear. */
const TAKEN = ["arena", "pool", "frame", "inputs", "outputs", "layers", "input_data", "output_data"];

/** Every C name of a bundle, chosen once. */
export interface BundleNames {
  readonly net: string;
  readonly macro: string;
  readonly inputs: readonly NamedPort[];
  readonly outputs: readonly NamedPort[];
}
export interface NamedPort extends PortView {
  readonly arg: string;
  readonly floats: number;
  readonly direction: "input" | "output";
  /** "image: 1 x 3 x 224 x 224" */
  readonly comment: string;
}

export function nameBundle(plan: Plan): BundleNames {
  invariant(plan.inputs.length > 0 && plan.outputs.length > 0, `${plan.name} has no input or no output`);
  const id = cIdentifier(plan.name);
  const net = id.startsWith("tw_") ? `net_${id}` : id;
  const macro = net.toUpperCase();
  const ports = [...plan.inputs, ...plan.outputs];
  const args = distinctNames(
    ports.map((port) => port.name),
    TAKEN,
  );
  const macros = distinctNames(
    args.map((arg) => `${macro}_${arg.toUpperCase()}_FLOATS`),
    [],
  );
  const named = ports.map((port, i) =>
    namePort(port, i < plan.inputs.length ? "input" : "output", args[i], macros[i]),
  );
  return {
    net,
    macro,
    inputs: named.slice(0, plan.inputs.length),
    outputs: named.slice(plan.inputs.length),
  };
}

function namePort(port: Port, direction: NamedPort["direction"], arg: string, macro: string): NamedPort {
  return {
    arg,
    macro,
    direction,
    floats: port.shape.reduce((a, b) => a * b, 1),
    comment: `${commentText(port.name)}: ${port.shape.length === 0 ? "one number" : port.shape.join(" x ")}`,
    nameString: cString(port.name),
    rank: port.shape.length,
    dimsName: `${arg}_dims`,
    // C has no empty arrays; the rank says how many count.
    dims: port.shape.length === 0 ? "1" : port.shape.join(", "),
  };
}
