/**
 * Gradient boosting of regression trees (Friedman 2001): each tree of a few levels takes away a part of what those before it
 * leave. Own code: of the libraries for Node one prints on loading and is no longer kept, and the other takes longer for a tree of
 * 300 rows than this one for a whole model.
 */

/** What is learned from: a row of features, what came of it, and how much it counts. */
export interface Sample {
  readonly row: readonly number[];
  readonly value: number;
  readonly weight: number;
}

const TREES = 60;
const LEVELS = 3;
const SHRINKAGE = 0.1;
/** Samples on either side of a split, at least. */
const LEAST_SAMPLES = 2;

/** Of each node, level by level, the feature that it asks for; rows up to `at` go left. A node that is not split sends all left. */
interface Tree {
  readonly features: Int32Array;
  readonly at: Float64Array;
  readonly leaves: Float64Array;
}
/** Samples by column, the rows of each in its order, and what is left of their values. */
interface Data {
  readonly columns: readonly Float64Array[];
  readonly orders: readonly Int32Array[];
  readonly left: Float64Array;
  readonly weights: Float64Array;
}

/** What a row is expected to come to. The same for the same samples; of none it is 0. */
export function boostedTrees(samples: readonly Sample[]): (row: readonly number[]) => number {
  const whole = samples.reduce((sum, { weight }) => sum + weight, 0);
  const base = whole > 0 ? samples.reduce((sum, s) => sum + s.weight * s.value, 0) / whole : 0;
  const data = dataOf(samples, base);
  const trees = samples.length === 0 ? [] : Array.from({ length: TREES }, () => grown(data));
  return (row) => {
    let sum = base;
    for (const tree of trees) {
      let node = 0;
      for (let level = 0; level < LEVELS; level++)
        node = childOf(tree, level, node, row[tree.features[indexOf(level, node)]]);
      sum += tree.leaves[node];
    }
    return sum;
  };
}

function dataOf(samples: readonly Sample[], base: number): Data {
  const columns = (samples[0]?.row ?? []).map((_, f) => Float64Array.from(samples, ({ row }) => row[f]));
  return {
    columns,
    orders: columns.map((column) => Int32Array.from(column.keys()).sort((a, b) => column[a] - column[b])),
    left: Float64Array.from(samples, ({ value }) => value - base),
    weights: Float64Array.from(samples, ({ weight }) => weight),
  };
}

/** Where a node of a level lies among all of a tree. */
function indexOf(level: number, node: number): number {
  return 2 ** level - 1 + node;
}

function childOf({ at }: Tree, level: number, node: number, value: number): number {
  return 2 * node + (value <= at[indexOf(level, node)] ? 0 : 1);
}

/** The next tree; what is left of the values is then without its part. */
function grown(data: Data): Tree {
  const { columns, left } = data;
  const count = 2 ** LEVELS;
  const tree: Tree = {
    features: new Int32Array(count - 1),
    at: new Float64Array(count - 1).fill(Number.POSITIVE_INFINITY),
    leaves: new Float64Array(count),
  };
  const nodes = new Int32Array(left.length);
  for (let level = 0; level < LEVELS; level++) {
    const sums = sumsOf(data, nodes);
    columns.forEach((_, feature) => void lookForSplits(data, feature, nodes, sums, level, tree));
    for (let i = 0; i < nodes.length; i++) {
      const column = columns[tree.features[indexOf(level, nodes[i])]];
      nodes[i] = childOf(tree, level, nodes[i], column[i]);
    }
  }
  const { sum, weight } = sumsOf(data, nodes);
  for (let node = 0; node < count; node++)
    tree.leaves[node] = weight[node] > 0 ? (SHRINKAGE * sum[node]) / weight[node] : 0;
  for (let i = 0; i < nodes.length; i++) left[i] -= tree.leaves[nodes[i]];
  return tree;
}

/** Weighted sums, weights and numbers of the rows in each node, and by how much its best split so far lessens squares. */
interface Sums {
  readonly sum: Float64Array;
  readonly weight: Float64Array;
  readonly rows: Float64Array;
  readonly gain: Float64Array;
}

function emptySums(): Sums {
  const zeros = (): Float64Array => new Float64Array(2 ** LEVELS);
  return { sum: zeros(), weight: zeros(), rows: zeros(), gain: zeros().fill(1e-12) };
}

function sumsOf({ left, weights }: Data, nodes: Int32Array): Sums {
  const all = emptySums();
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i];
    all.sum[node] += weights[i] * left[i];
    all.weight[node] += weights[i];
    all.rows[node]++;
  }
  return all;
}

/** Takes the splits by one feature that lessen squares more than what each node has: its rows pass by in their order, once. */
function lookForSplits(
  { columns, orders, left, weights }: Data,
  feature: number,
  nodes: Int32Array,
  all: Sums,
  level: number,
  tree: Tree,
): void {
  const column = columns[feature];
  const below = emptySums();
  const last = new Float64Array(2 ** LEVELS);
  for (const i of orders[feature]) {
    const node = nodes[i];
    const [rows, sum, weight] = [below.rows[node], below.sum[node], below.weight[node]];
    if (rows >= LEAST_SAMPLES && all.rows[node] - rows >= LEAST_SAMPLES && column[i] > last[node]) {
      const rest = all.sum[node] - sum;
      const whole = all.sum[node] ** 2 / all.weight[node];
      const gain = sum ** 2 / weight + rest ** 2 / (all.weight[node] - weight) - whole;
      if (gain > all.gain[node]) {
        all.gain[node] = gain;
        tree.features[indexOf(level, node)] = feature;
        tree.at[indexOf(level, node)] = (last[node] + column[i]) / 2;
      }
    }
    below.sum[node] = sum + weights[i] * left[i];
    below.weight[node] = weight + weights[i];
    below.rows[node] = rows + 1;
    last[node] = column[i];
  }
}
