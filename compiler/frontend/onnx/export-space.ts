import type { DepthToSpace, SpaceToDepth } from "../../graph/graph.ts";
import type { OnnxNode } from "./model.ts";
import { intsAttribute } from "./node-attributes.ts";

/** Where the nodes before the last one, and their lists of integers, are written. */
interface Place {
  /** The output's name, after which tensors between the nodes are called. */
  readonly name: string;
  readonly push: (node: OnnxNode) => void;
  /** Adds a list under a name that contains `part`; its name. */
  readonly integers: (part: string, values: readonly number[]) => string;
}
type Shapes = readonly [x: readonly number[], y: readonly number[]];

/** A move between channels and map as Reshape, Transpose, Reshape and Slice: ONNX's own operators have square blocks only. */
export function spaceOperator(
  op: DepthToSpace | SpaceToDepth,
  x: string,
  [from, to]: Shapes,
  place: Place,
): Omit<OnnxNode, "name" | "output"> {
  const [bh, bw] = op.blocks;
  const [n, c, h, w] = from;
  const blocksFirst = op.order === "blocks-first";
  if (op.kind === "space-to-depth") {
    const perm = blocksFirst ? [0, 3, 5, 1, 2, 4] : [0, 1, 3, 5, 2, 4];
    return turned(place, x, [n, c, h / bh, bh, w / bw, bw], perm, to);
  }
  const parts = blocksFirst ? [bh, bw, c / (bh * bw)] : [c / (bh * bw), bh, bw];
  const perm = blocksFirst ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3];
  const whole = [n, c / (bh * bw), h * bh, w * bw];
  const last = turned(place, x, [n, ...parts, h, w], perm, whole);
  if (whole.join() === to.join()) return last;
  const uncut = `${place.name}/uncut`;
  place.push({ ...last, name: uncut, output: [uncut] });
  return {
    opType: "Slice",
    input: [
      uncut,
      place.integers("starts", op.from),
      place.integers("ends", [op.from[0] + to[2], op.from[1] + to[3]]),
      place.integers("axes", [2, 3]),
    ],
  };
}

/** x in this shape, its dimensions permuted, in another shape. */
function turned(
  { name, push, integers }: Place,
  x: string,
  shape: readonly number[],
  perm: readonly number[],
  to: readonly number[],
): Omit<OnnxNode, "name" | "output"> {
  const [split, moved] = [`${name}/split`, `${name}/moved`];
  push({ opType: "Reshape", name: split, input: [x, integers("split-shape", shape)], output: [split] });
  push({
    opType: "Transpose",
    name: moved,
    input: [split],
    output: [moved],
    attribute: [intsAttribute("perm", perm)],
  });
  return { opType: "Reshape", input: [moved, integers("shape", to)] };
}
