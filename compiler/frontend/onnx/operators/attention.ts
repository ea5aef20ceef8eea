import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import { shapeText, spreadShape, type TensorValue, typeOf } from "../value.ts";
import { TRUTH } from "../whole.ts";
import { emitElementwise, madeOperand, type Operand } from "./broadcast.ts";
import { constantTensor } from "./constant-tensor.ts";
import { functionOp } from "./function-op.ts";
import { productOf } from "./product.ts";
import { emitReduction } from "./reduction.ts";
import { choiceOf } from "./where.ts";

/**
 * Attention (opset 23): softmax(Q K' * scale + mask) V of heads [B, heads, L, size], or of heads side by side in rows [B, L, heads * size];
 * several heads of queries share one of keys and values where there are fewer of these. Nothing is kept from one run to the next.
 */
const attention = operator("Attention", (node, attributes) => {
  const inRows = node.tensor(0).shape.length === 3;
  const q = headsOf(node, 0, attributes.q_num_heads);
  const [k, v] = [1, 2].map((i) => headsOf(node, i, attributes.kv_num_heads));
  const [b, hq, l, e] = q.shape;
  const [, hk, s] = k.shape;
  const { scale = 1 / Math.sqrt(e), softcap } = attributes;
  if (!Number.isFinite(scale) || !(softcap >= 0 && softcap < Number.POSITIVE_INFINITY))
    node.unsupported(`scale=${scale} and softcap=${softcap}: only finite ones, and none below 0 that bounds`);
  if (hq % hk !== 0) node.invalid(`${hq} heads of queries share ${hk} of keys`);
  const turned = { kind: "transpose", perm: [0, 1, 3, 2] } as const;
  const columns = node.emitHelper("columns", turned, [k.name], [b, hk, e, s]);
  const scores = ofHeads(node, "scores", q, columns, scale);
  const bounded = capped(node, scores, softcap);
  const mask = maskOf(node, attributes.is_causal, scores.shape);
  const masked = mask === undefined ? bounded : emitElementwise(node, "add", [bounded, mask], "masked");
  const soft = node.emitHelper("weights", { kind: "softmax", axis: 3 }, [masked.name], masked.shape);
  const y = ofHeads(node, "values", mask === undefined ? soft : withoutHidden(node, soft, mask), v, 1);
  if (!inRows) {
    node.become(y);
    return;
  }
  const [, , , size] = y.shape;
  const rows = { kind: "transpose", perm: [0, 2, 1, 3] } as const;
  const beside = node.emitHelper("rows", rows, [y.name], [b, l, hq, size]);
  node.emit({ kind: "reshape" }, [beside.name], [b, l, hq * size]);
});

/** Input i as matrices of heads, [B, heads, length, size]. */
function headsOf(node: NodeContext, i: number, heads = 0): TensorValue {
  const x = node.tensor(i);
  if (x.shape.length === 4) return x;
  const [b, length, all] = x.shape;
  if (x.shape.length !== 3 || heads < 1 || all % heads !== 0) {
    node.invalid(`input \`${x.name}\` has shape ${shapeText(x.shape)} for ${heads} heads`);
  }
  const size = all / heads;
  const split = node.emitHelper(`split${i}`, { kind: "reshape" }, [x.name], [b, length, heads, size]);
  const apart = { kind: "transpose", perm: [0, 2, 1, 3] } as const;
  return node.emitHelper(`heads${i}`, apart, [split.name], [b, heads, length, size]);
}

/** Matrices of heads by those of as many, or of fewer: then those that share one are rows of one matrix. */
function ofHeads(
  node: NodeContext,
  part: string,
  a: TensorValue,
  c: TensorValue,
  scale: number,
): TensorValue {
  const [b, heads, rows, size] = a.shape;
  const [, fewer] = c.shape;
  const joined = [b, fewer, (heads / fewer) * rows, size];
  const left = heads === fewer ? a : node.emitHelper(`${part}/shared`, { kind: "reshape" }, [a.name], joined);
  const { op, shape } = productOf(node, left.shape, c.shape);
  const product = node.emitHelper(part, { ...op, scale }, [left.name, c.name], shape);
  if (heads === fewer) return product;
  const apart = [b, heads, rows, shape[3]];
  return node.emitHelper(`${part}/apart`, { kind: "reshape" }, [product.name], apart);
}

/** Scores held softly below a bound: tanh(x / bound) * bound. */
function capped(node: NodeContext, x: TensorValue, bound: number): TensorValue {
  if (bound === 0) return x;
  const part = node.emitHelper("part", functionOp("affine", 1 / bound), [x.name], x.shape);
  const soft = node.emitHelper("soft", functionOp("tanh"), [part.name], x.shape);
  return node.emitHelper("capped", functionOp("affine", bound), [soft.name], x.shape);
}

/** What is added to scores: input 3, numbers or truths of which key a query sees, and that it sees none behind its own place. */
function maskOf(node: NodeContext, causal: boolean, scores: readonly number[]): Operand | undefined {
  const given = node.optional(3) === undefined ? undefined : givenMask(node, scores);
  if (!causal) return given;
  const [, , l, s] = scores;
  node.reserve(l * s);
  const data = Float32Array.from({ length: l * s }, (_, at) => (at % s > Math.floor(at / s) ? HIDDEN : 0));
  const behind = madeOperand(node, "causal", [l, s], data, "infinite");
  return given === undefined ? behind : emitElementwise(node, "add", [given, behind], "mask");
}

const HIDDEN = Number.NEGATIVE_INFINITY;

function givenMask(node: NodeContext, scores: readonly number[]): Operand {
  const value = node.value(3);
  const truths = typeOf(value) === "bool";
  const mask = value.kind === "constant" ? value : truths ? ofTruths(node) : node.tensor(3);
  const spread = spreadShape([mask.shape, scores]);
  if (spread === undefined || spread.some((d, i) => d !== scores[i])) {
    node.unsupported(`a mask of shape ${shapeText(mask.shape)} for scores of ${shapeText(scores)}`);
  }
  return mask;
}

/** Truths as what is added: nothing, or minus infinity. */
function ofTruths(node: NodeContext): TensorValue {
  const [none, hidden] = [0, HIDDEN].map((v, i) =>
    constantTensor(node, 4 + i, madeOperand(node, `hidden${i}`, [], Float32Array.of(v), "infinite")),
  );
  return node.emitHelper("hidden", ...choiceOf(node, node.activation(3), none, hidden));
}

/** Queries that see no key at all get nothing, where softmax has no number. */
function withoutHidden(node: NodeContext, weights: TensorValue, mask: Operand): TensorValue {
  const [s] = mask.shape.slice(-1);
  if (mask.kind === "constant") {
    const rows = Array.from({ length: mask.data.length / s }, (_, i) =>
      mask.data.subarray(i * s, (i + 1) * s),
    );
    if (rows.every((row) => row.some((v) => v !== HIDDEN))) return weights;
  }
  const added = mask.kind === "tensor" ? mask : constantTensor(node, 3, mask);
  const most = emitReduction(node, "most", "max", added, [added.shape.length - 1]);
  const none = node.emitHelper("none", functionOp("is-infinite", 1, 0), [most.name], most.shape, TRUTH);
  const zero = constantTensor(node, 6, madeOperand(node, "zero", [], Float32Array.of(0)));
  return node.emitHelper("seen", ...choiceOf(node, { ...none, whole: TRUTH }, zero, weights));
}

export const attentionOperators = [attention] as const;
