import { type Draft, rebuild } from "../draft.ts";
import type { Graph, GraphNode } from "../graph.ts";
import { has } from "../node-traits.ts";

/**
 * Sequences are images of one row, and volumes images of their depths, to convolutions and pools. What is done between these to each
 * element or channel alone is done to the images too: then it can be fused, and the moves between the forms meet and go.
 */
export function keepImages(graph: Graph): Graph {
  return rebuild(graph, (node, draft) => {
    const form = FORMS.find((each) => takesImages(each, node, draft));
    if (form === undefined) draft.push(node);
    else pushImages(form, node, draft);
  });
}

/** A form of tensors that are images to others. */
interface Form {
  readonly rank: number;
  /** The images behind a tensor of this form; undefined where it is not made of images. */
  readonly imagesOf: (tensor: string, draft: Draft) => string | undefined;
  /** Which axis of images an axis is; undefined: none. */
  readonly axis: (axis: number) => number | undefined;
  readonly imageShape: (shape: readonly number[]) => readonly number[];
  /** Images become a tensor of this form. */
  readonly pushBack: (draft: Draft, images: string, node: GraphNode) => void;
  /** Any tensor of this form costs nothing to be made images. */
  readonly free: boolean;
}

const SEQUENCES: Form = {
  rank: 3,
  imagesOf: (tensor, draft) => {
    const move = draft.producer(tensor);
    if (move?.op.kind !== "reshape") return undefined;
    const [images] = move.inputs;
    const fits = draft.shape(images).join() === SEQUENCES.imageShape(draft.shape(tensor)).join();
    return fits ? images : undefined;
  },
  axis: (axis) => [0, 1, 3][axis],
  imageShape: ([n, c, l]) => [n, c, 1, l],
  pushBack: (draft, images, { name, output }) =>
    draft.push({ name: `${name}/sequence`, op: { kind: "reshape" }, inputs: [images], output }),
  free: true,
};

const VOLUMES: Form = {
  rank: 5,
  imagesOf: (tensor, draft) => {
    const turn = draft.producer(tensor);
    if (turn?.op.kind !== "transpose" || turn.op.perm.join() !== "1,2,0,3,4") return undefined;
    const split = draft.producer(turn.inputs[0]);
    const [images] = split?.op.kind === "reshape" ? split.inputs : [];
    const wanted = VOLUMES.imageShape(draft.shape(tensor)).join();
    return images !== undefined && draft.shape(images).join() === wanted ? images : undefined;
  },
  axis: (axis) => (axis === 1 ? 1 : undefined),
  imageShape: ([n, c, d, h, w]) => [d * n, c, h, w],
  pushBack: (draft, images, { name, output }) => {
    const [n, c, d, h, w] = draft.shape(output);
    const split = draft.addTensor(`${output}/split`, [d, n, c, h, w]);
    draft.push({ name: `${name}/split`, op: { kind: "reshape" }, inputs: [images], output: split });
    const op = { kind: "transpose", perm: [1, 2, 0, 3, 4] } as const;
    draft.push({ name: `${name}/volume`, op, inputs: [split], output });
  },
  free: false,
};

const FORMS = [SEQUENCES, VOLUMES] as const;

/** Whether a node can be done to images, and has some of its activations as such. */
function takesImages(form: Form, node: GraphNode, draft: Draft): boolean {
  if (draft.shape(node.output).length !== form.rank || !isDoneToImages(form, node)) return false;
  const activations = activationsOf(node, draft);
  const behind = activations.map((name) => form.imagesOf(name, draft));
  const known = behind.filter((images) => images !== undefined).length;
  if (form.free) return known > 0;
  const [n, , d] = draft.shape(node.output);
  const alike = activations.every((name) => draft.shape(name)[0] === n && draft.shape(name)[2] === d);
  return known === behind.length && alike;
}

function isDoneToImages(form: Form, { op }: GraphNode): boolean {
  switch (op.kind) {
    case "batch-norm":
    case "clamp":
    case "activation":
    case "prelu":
    case "add":
    case "mul":
    case "where":
      return true;
    case "elementwise":
      return op.constant === undefined || form === SEQUENCES;
    case "instance-norm":
      return form === SEQUENCES;
    case "concat":
    case "slice":
      return form.axis(op.axis) !== undefined;
    default:
      return false;
  }
}

function activationsOf({ inputs }: GraphNode, draft: Draft): readonly string[] {
  return inputs.filter((name) => draft.constant(name) === undefined);
}

function pushImages(form: Form, node: GraphNode, draft: Draft): void {
  const { op } = node;
  const inputs = node.inputs.map((name) => {
    const data = draft.constant(name);
    if (data !== undefined) {
      const shape = draft.shape(name);
      return shape.length === form.rank
        ? draft.addTensor(`${name}/images`, form.imageShape(shape), data)
        : name;
    }
    return form.imagesOf(name, draft) ?? asImages(form, name, draft);
  });
  const output = draft.addTensor(`${node.output}/images`, form.imageShape(draft.shape(node.output)));
  const moved = has(op, "moves") && "axis" in op ? { ...op, axis: form.axis(op.axis) ?? op.axis } : op;
  draft.push({ ...node, op: moved, inputs, output });
  form.pushBack(draft, output, node);
}

/** A tensor of a form that costs nothing to change. */
function asImages(form: Form, tensor: string, draft: Draft): string {
  const images = draft.addTensor(`${tensor}/images`, form.imageShape(draft.shape(tensor)));
  draft.push({ name: images, op: { kind: "reshape" }, inputs: [tensor], output: images });
  return images;
}
