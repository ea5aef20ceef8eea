import { operator } from "../operator.ts";
import { asMaps, mapped } from "./pool-stages.ts";

/** LRN: each element of x [N,C,...] divided by a power of the mean square of its neighbours among the channels. */
const lrn = operator("LRN", (node, { size, alpha, beta, bias }) => {
  const x = mapped(node);
  if (size < 1) node.invalid(`size is ${size}`);
  if (size > MOST_NEIGHBOURS) node.unsupported(`size=${size}`);
  if (![alpha, beta, bias].every(Number.isFinite)) node.invalid("alpha, beta and bias must be finite");
  const op = { kind: "lrn", size, alpha, beta, bias } as const;
  const maps = asMaps(node, x);
  if (maps === x) {
    node.emit(op, [x.name], x.shape);
    return;
  }
  const normal = node.emitHelper("normal", op, [maps.name], maps.shape);
  node.emit({ kind: "reshape" }, [normal.name], x.shape);
});

/** They are written out. */
const MOST_NEIGHBOURS = 64;

export const channelNormOperators = [lrn] as const;
