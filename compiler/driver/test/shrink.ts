import type { Graph, GraphNode } from "../../graph/graph.ts";
import { impossible } from "./layer-graph.ts";
import type { LayerSizes } from "./suite.schema.ts";

/** Layers that may be tried; each is compiled and run. */
const MOST_TRIES = 120;

/**
 * The smallest layer that still fails: sizes are halved and extras left out, one after the other, as long as that changes nothing
 * about the failure. Deterministic where `fails` is.
 */
export async function shrinkLayer(
  from: LayerSizes,
  fails: (layer: LayerSizes) => Promise<boolean>,
): Promise<LayerSizes> {
  let smallest = from;
  let tries = 0;
  for (let again = true; again; ) {
    again = false;
    for (const simpler of SIMPLER) {
      // a step that helped is taken again at once: sizes fall by halves
      for (;;) {
        const candidate = simpler(smallest);
        if (candidate === undefined || impossible(candidate) !== undefined || same(candidate, smallest))
          break;
        if (tries++ >= MOST_TRIES) return smallest;
        if (!(await fails(candidate))) break;
        smallest = candidate;
        again = true;
      }
    }
  }
  return smallest;
}

type Simpler = (layer: LayerSizes) => LayerSizes | undefined;

const half = (n: number): number => Math.ceil(n / 2);

/** Ways to make a layer simpler; those that leave less to look at come first. */
const SIMPLER: readonly Simpler[] = [
  (l) => ({ ...l, n: 1 }),
  (l) => ({ ...l, residual: false }),
  (l) => ({ ...l, activation: "none" }),
  (l) => ({ ...l, bias: false }),
  (l) => ({ ...l, dilation: 1 }),
  (l) => ({ ...l, stride: 1 }),
  (l) => ({ ...l, ih: half(l.ih), iw: half(l.iw) }),
  (l) => ({ ...l, ih: half(l.ih) }),
  (l) => ({ ...l, iw: half(l.iw) }),
  // whole groups go, channels of a group stay
  (l) => fewerGroups(l),
  (l) => channels(l, half(l.ic / l.groups), l.oc / l.groups),
  (l) => channels(l, l.ic / l.groups, half(l.oc / l.groups)),
  (l) => ({ ...l, kh: 1, kw: 1, pad: 0 }),
  (l) => ({ ...l, pad: 0 }),
  (l) => (l.ih > 1 ? { ...l, ih: l.ih - 1 } : undefined),
  (l) => (l.iw > 1 ? { ...l, iw: l.iw - 1 } : undefined),
  (l) => (l.ic > l.groups ? channels(l, l.ic / l.groups - 1, l.oc / l.groups) : undefined),
  (l) => (l.oc > l.groups ? channels(l, l.ic / l.groups, l.oc / l.groups - 1) : undefined),
];

function fewerGroups(l: LayerSizes): LayerSizes {
  const groups = half(l.groups);
  return { ...l, groups, ic: (l.ic / l.groups) * groups, oc: (l.oc / l.groups) * groups };
}

function channels(l: LayerSizes, ic: number, oc: number): LayerSizes {
  return { ...l, ic: ic * l.groups, oc: oc * l.groups };
}

function same(a: LayerSizes, b: LayerSizes): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The sizes of a network's convolution; undefined where the node is another operator, or pads its sides differently. */
export function layerOfNode(graph: Graph, node: GraphNode): LayerSizes | undefined {
  const { op } = node;
  if (op.kind !== "conv2d") return undefined;
  const [x, w] = node.inputs.map((name) => graph.tensors.get(name)?.shape ?? []);
  const [top, ...others] = op.pads;
  if (x.length !== 4 || others.some((pad) => pad !== top)) return undefined;
  const [n, ic, ih, iw] = x;
  const [oc, , kh, kw] = w;
  const relu = op.clamp.lo === 0;
  return {
    ...{ n, ic, oc, ih, iw, kh, kw, pad: top, groups: op.groups },
    stride: [...op.strides],
    dilation: [...op.dilations],
    bias: op.bias,
    activation: op.activation?.fn ?? (relu ? "relu" : "none"),
    residual: op.residual !== false,
  };
}
