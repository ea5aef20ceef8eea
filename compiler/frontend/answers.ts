import type { Graph, GraphNode, NodeOp, Tensor } from "../graph/graph.ts";
import { UserError } from "../support/diagnostic.ts";

/** A name for each class, one a line, as a file has them. Throws C385 for another number than the scores are. */
export function classNames(graph: Graph, text: string, file: string): readonly string[] {
  const { name, shape } = scoresOf(graph, "--labels");
  const lines = text.replace(/\r?\n$/, "").split(/\r?\n/);
  if (lines.length === shape[1]) return lines;
  throw new UserError({
    code: "C385",
    exit: "usage",
    title: `\`${file}\` has ${lines.length} lines, output \`${name}\` has ${shape[1]} classes`,
    help: ["give a file with the name of a class on each line, in the model's order"],
  });
}

/** C386. */
export function unreadableLabels(file: string, error: unknown): UserError {
  const why = error instanceof Error ? error.message : String(error);
  return new UserError({ code: "C386", exit: "badInput", title: `cannot read the labels \`${file}\``, why });
}

/**
 * The network with its greatest scores for the scores: of an output [N, classes] (or [N, classes, 1, 1]) named `y` the outputs `y_top`,
 * [N, k] of f32 from the greatest on, and `y_classes`, where they are, [N, k] of i32; of equal ones the first. Throws C383 where the
 * output is another, C384 for more than there are classes.
 */
export function withTopK(graph: Graph, k: number): Graph {
  const { name, shape } = scoresOf(graph, "--top-k");
  const [n, classes] = shape;
  if (k > classes) {
    throw new UserError({
      code: "C384",
      exit: "usage",
      title: `--top-k ${k} is more than the ${classes} classes of output \`${name}\``,
      help: [`give a number up to ${classes}`],
    });
  }
  const tensors = new Map(graph.tensors);
  const nodes: GraphNode[] = [...graph.nodes];
  const add = (
    wish: string,
    op: NodeOp,
    from: string,
    dims: readonly number[],
    type?: Tensor["type"],
  ): string => {
    let output = wish;
    while (tensors.has(output)) output += "_";
    tensors.set(output, { name: output, shape: dims, ...(type && { type }) });
    nodes.push({ name: output, op, inputs: [from], output });
    return output;
  };
  const rows = shape.length === 2 ? name : add(`${name}/rows`, { kind: "reshape" }, name, [n, classes]);
  const both = add(`${name}/top`, { kind: "top-k", axis: 1, least: false }, rows, [2, n, k]);
  const part = (start: number): string =>
    add(`${name}/top${start}`, { kind: "slice", axis: 0, start }, both, [1, n, k]);
  const top = add(`${name}_top`, { kind: "reshape" }, part(0), [n, k]);
  const places = add(`${name}_classes`, { kind: "reshape" }, part(1), [n, k], "i32");
  return { ...graph, nodes, tensors, outputs: [top, places] };
}

function scoresOf({ outputs, tensors, inputs }: Graph, option: string): Tensor {
  const all = outputs.flatMap((output) => tensors.get(output) ?? []);
  const [scores, ...more] = all;
  const fits =
    scores.shape.length >= 2 &&
    scores.shape.slice(2).every((d) => d === 1) &&
    scores.type === undefined &&
    scores.rows === undefined;
  if (more.length === 0 && fits && !inputs.includes(scores.name)) return scores;
  throw new UserError({
    code: "C383",
    exit: "usage",
    title: `${option} takes a network of one output of float32 scores, [N, classes]`,
    why: `its outputs: ${all.map(({ name, shape, type = "f32" }) => `${name} [${shape.join(", ")}] of ${type}`).join(", ")}`,
  });
}
