import type { Softmax } from "../../../graph/graph.ts";
import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import { elementCount, sameShape, shapeText } from "../value.ts";
import { normalAxis } from "./axis.ts";

/** BatchNormalization in inference form: x [N,C,...], scale, B, mean, var [C]. */
const batchNormalization = operator("BatchNormalization", (node, { epsilon }) => {
  if (!Number.isFinite(epsilon)) node.invalid(`epsilon is ${epsilon}`);
  const x = node.tensor(0);
  if (x.shape.length < 2) node.unsupported(`input of shape ${shapeText(x.shape)}: only [N,C,...]`);
  const parameters = ["scale", "bias", "mean", "variance"].map((what, i) => node.constant(i + 1, what));
  for (const p of parameters) {
    if (!sameShape(p.shape, [x.shape[1] as number])) {
      node.invalid(`\`${p.name}\` has shape ${shapeText(p.shape)}, the input has ${x.shape[1]} channels`);
    }
  }
  node.emit({ kind: "batch-norm", epsilon }, [x.name, ...parameters.map(node.use)], x.shape);
});

/** Before opset 13 over all dimensions from `axis` (default 1) on as one, from 13 along `axis` (default -1). */
function alongAxis(node: NodeContext, given: number, op: Omit<Softmax, "axis">): void {
  const x = node.tensor(0);
  const axis = normalAxis(node, given, x.shape.length);
  const joined = x.shape.slice(axis + 1);
  if (node.opset >= 13 || elementCount(joined) === 1) {
    node.emit({ ...op, axis }, [x.name], x.shape);
    return;
  }
  const flat = [elementCount(x.shape.slice(0, axis)), elementCount(x.shape.slice(axis))];
  const before = node.emitHelper("flat", { kind: "reshape" }, [x.name], flat);
  const after = node.emitHelper("softmax", { ...op, axis: 1 }, [before.name], flat);
  node.emit({ kind: "reshape" }, [after.name], x.shape);
}

const softmax = operator("Softmax", (node, { axis }) => alongAxis(node, axis, { kind: "softmax" }));
const hardmax = operator("Hardmax", (node, { axis }) =>
  alongAxis(node, axis, { kind: "softmax", result: "hard" }),
);

const logSoftmax = operator("LogSoftmax", (node, { axis }) =>
  alongAxis(node, axis, { kind: "softmax", result: "log" }),
);

export const normalizationOperators = [batchNormalization, hardmax, logSoftmax, softmax] as const;
