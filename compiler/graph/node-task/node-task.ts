import type { DType, TypedArray } from "../../ir/dtype.ts";
import type { OpCall } from "../../ops/op.ts";
import type { GraphNode, NodeOp } from "../graph.ts";
import type { Layout } from "../layout.ts";
import { has, type OpWith } from "../node-traits.ts";
import type { View } from "../view.ts";

/** A node that a kernel computes. */
export type KernelNode = GraphNode & { readonly op: Exclude<NodeOp, OpWith<"moves">> };

export function isKernelNode(node: GraphNode): node is KernelNode {
  return !has(node.op, "moves");
}

/**
 * A node, or some of its rows, as a kernel call: the operator, its compile-time constants and what each kernel parameter is
 * bound to, in the kernel's order. The reference executor and the planner both run nodes through this.
 */
export interface NodeTask extends OpCall {
  readonly params: readonly ParamBinding[];
  /** Positions of the output that hold no channel are left as they were, or hold what is no finite number. */
  readonly leavesPadding?: true;
  /** Multiply-accumulates of the channels there are; none without products. */
  readonly macs?: number;
  /** It can count in steps: write numbers of i8 as they are, or read them, too. */
  readonly counts?: "written" | "all" | undefined;
  /** Of all parts of a convolution that there are several ways to compute. */
  readonly algorithm?: string | undefined;
  /** The layer behind it that it computes, too. */
  readonly computes?: string;
}
export type ParamBinding =
  | {
      readonly kind: "activation";
      readonly param: string;
      /** Index into the node's inputs, or its output. */
      readonly operand: number | "output";
      readonly view: View;
      /** What the pads of the view hold. */
      readonly padValue: number;
    }
  | {
      readonly kind: "weight";
      readonly param: string;
      readonly shape: readonly number[];
      /** Row-major, in the order of positions that the layouts ask for; whole numbers for an index table, and for what is quantized. */
      readonly data: TypedArray;
      /** Of its elements; absent: f32, or as wide. */
      readonly dtype?: DType | undefined;
    }
  /** A parameter that these dims make the kernel never read. */
  | { readonly kind: "unused"; readonly param: string };

/** Layouts of the node's activations; those of constant inputs do not matter. */
export interface OperandLayouts {
  readonly inputs: readonly Layout[];
  readonly output: Layout;
  /** The output's memory has a border, or is a part of another's. */
  readonly bordered?: boolean;
}

/** Elements of a weight that is kept once it is arranged. */
const KEPT = 2 ** 16;

/**
 * A weight whose data is arranged when it is read: most plans that are considered are never carried out. Large ones are arranged
 * anew each time, as Winograd's of a whole network are many times the model's.
 */
export function weightBinding(
  param: string,
  shape: readonly number[],
  arrange: () => TypedArray,
  dtype?: DType,
): ParamBinding {
  let arranged: TypedArray | undefined;
  return {
    kind: "weight",
    param,
    shape,
    ...(dtype && { dtype }),
    get data() {
      if (arranged !== undefined) return arranged;
      const data = arrange();
      if (data.length <= KEPT) arranged = data;
      return data;
    },
  };
}
