import { type MatMul, type Matrices, NO_CLAMP } from "../../../graph/graph.ts";
import type { NodeContext } from "../node-context.ts";
import { elementCount, padShape, shapeText, spreadShape } from "../value.ts";

/** Row-major: batches, rows, columns. */
const NATURAL = [0, 1, 2, 3] as const;
type Shape = readonly number[];

/** A product of matrices as a node, and the shape of its result. */
export interface Product {
  readonly op: MatMul;
  readonly shape: Shape;
}

/**
 * What ONNX MatMul-13 (numpy.matmul) makes of two shapes: [..., M, K] by [..., K, N], batches spread against each other, a
 * vector a row on the left and a column on the right. Refuses batches that are spread in more than two runs of axes.
 */
export function productOf(node: NodeContext, a: Shape, b: Shape): Product {
  const times = `${shapeText(a)} by ${shapeText(b)}`;
  if (a.length === 0 || b.length === 0) node.invalid(`it multiplies ${times}`);
  const left = a.length === 1 ? [1, ...a] : a;
  const right = b.length === 1 ? [...b, 1] : b;
  const [m, k] = left.slice(-2) as [number, number];
  const [bk, n] = right.slice(-2) as [number, number];
  if (k !== bk) node.invalid(`it multiplies ${times}`);
  const batch =
    spreadBatches(left.slice(0, -2), right.slice(0, -2)) ?? node.invalid(`it multiplies ${times}`);
  const runs = runsOf(batch);
  const shared = runs.findLastIndex((run) => !run.a || run.b) + 1;
  // matrices of a that one matrix of b serves are rows of one
  const joined = elementCount(runs.slice(shared).map(({ extent }) => extent));
  const [q, p, ...more] = runs.slice(0, shared).toReversed();
  if (more.length > 0) {
    node.unsupported(`${times}: batches are spread against each other in more than two runs of axes`);
  }
  const batches = (moves: (run: Run) => boolean): [number, number] => [
    extentOf(p, moves),
    extentOf(q, moves),
  ];
  const matrices = (moves: (run: Run) => boolean, rowCount: number, columns: number): Matrices => ({
    shape: [...batches(moves), rowCount, columns],
    order: NATURAL,
  });
  const op: MatMul = {
    kind: "matmul",
    a: matrices((run) => run.a, m * joined, k),
    b: matrices((run) => run.b, k, n),
    y: matrices(() => true, m * joined, n),
    scale: 1,
    residual: false,
    clamp: NO_CLAMP,
  };
  const ends = [...(a.length === 1 ? [] : [m]), ...(b.length === 1 ? [] : [n])];
  return { op, shape: [...batch.map(({ extent }) => extent), ...ends] };
}

/** Neighbouring axes of batches, and which operands have a matrix for each step along them. */
interface Run {
  readonly extent: number;
  readonly a: boolean;
  readonly b: boolean;
}

function extentOf(run: Run | undefined, moves: (run: Run) => boolean): number {
  return run !== undefined && moves(run) ? run.extent : 1;
}

function spreadBatches(a: Shape, b: Shape): readonly Run[] | undefined {
  const spread = spreadShape([a, b]);
  if (spread === undefined) return undefined;
  const [left, right] = [padShape(a, spread.length), padShape(b, spread.length)];
  return spread.map((extent, i) => ({ extent, a: left[i] === extent, b: right[i] === extent }));
}

/**
 * Neighbours that behave alike are one axis; those of extent 1 are none. Of one run alone the last axis stays apart: images
 * and heads are moved and spread each by itself.
 */
function runsOf(batch: readonly Run[]): readonly Run[] {
  const axes = batch.filter(({ extent }) => extent !== 1);
  const runs = axes.reduce<readonly Run[]>(joinAlike, []);
  if (runs.length !== 1 || axes.length === 1) return runs;
  return [...axes.slice(0, -1).reduce<readonly Run[]>(joinAlike, []), ...axes.slice(-1)];
}

function joinAlike(runs: readonly Run[], next: Run): readonly Run[] {
  const last = runs.at(-1);
  if (last === undefined || last.a !== next.a || last.b !== next.b) return [...runs, next];
  return [...runs.slice(0, -1), { ...last, extent: last.extent * next.extent }];
}

/**
 * How a tensor of `shape`, spread to `of` as ONNX spreads, is spread over matrices that lie as `y` does; undefined where
 * not all axes of a batch, of rows or of columns are.
 */
export function spreadOver(shape: Shape, of: Shape, y: Matrices): Matrices | undefined {
  if (shape.length > of.length) return undefined;
  const padded = padShape(shape, of.length);
  let at = 0;
  const extents = y.shape.map((extent) => {
    const from = at;
    while (at < of.length && elementCount(of.slice(from, at + 1)) <= extent) at++;
    const own = padded.slice(from, at);
    if (elementCount(of.slice(from, at)) !== extent) return undefined;
    if (own.every((d) => d === 1)) return 1;
    return own.every((d, i) => d === of[from + i]) ? extent : undefined;
  });
  if (at !== of.length || extents.some((e) => e === undefined)) return undefined;
  return { shape: extents as unknown as Matrices["shape"], order: NATURAL };
}
