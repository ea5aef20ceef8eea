import { type CallerType, isReadType, type ReadType } from "../../ir/port-type.ts";
import { defined } from "../../support/assert.ts";
import { type Extents, isZero, NO_PADS, widest } from "../extents.ts";
import type { Pads } from "../graph.ts";
import { type Layout, layoutText, planarLayout, positionCount, sameLayout } from "../layout.ts";
import { commonBlock, type Placement } from "../placement.ts";

/** What a reader needs of a tensor's memory. */
export interface Request {
  readonly layout: Layout;
  /** Border at least this wide, holding `fill`. */
  readonly pads: Pads;
  readonly fill: number;
  /** No border at all: the memory is read as something else than images. */
  readonly exact: boolean;
  /** Positions without a channel are read too, so they must hold finite numbers. */
  readonly readsPadding: boolean;
  /** The memory must be the caller's, of this network output. */
  readonly output: number | undefined;
  /** What it must hold; absent: f32. Whoever asks for another type reads a network's input as it is given. */
  readonly type?: ReadType;
}

/** One place in memory where a tensor lies, whole. A tensor that readers want in several ways has several. */
export interface Buffer extends Placement {
  readonly tensor: string;
  /** As much of the border as readers see holds `fill`; what lies outside is room for its writer. */
  readonly filled: Pads;
  readonly fill: number;
  readonly readsPadding: boolean;
  /** Some reader relies on there being no border. */
  readonly exact: boolean;
  readonly port: { readonly kind: "input" | "output"; readonly index: number } | undefined;
  /** Set for a network input of another type than f32 that kernels read. */
  readonly type?: ReadType;
  /** Where its contents come from: the node that computes the tensor, a copy, or the memory of another tensor. */
  readonly source:
    | { readonly kind: "node" }
    | { readonly kind: "copy"; readonly from: Buffer }
    | ({ readonly kind: "alias" } & Alias)
    /** Written by its node, at a byte of a joined tensor's buffer. */
    | { readonly kind: "part"; readonly of: Buffer; readonly offset: number };
}

/** A tensor that lies in another one's memory, from one of its channels on. */
export interface Alias {
  readonly of: string;
  readonly channel: number;
}

/** What the producer of a tensor can do. */
export interface Offer {
  readonly tensor: string;
  readonly extents: Extents;
  readonly layout: Layout;
  /** The producer can write into a border. */
  readonly canHalo: boolean;
  /** Set for a network input, whose memory is the caller's. */
  readonly input: number | undefined;
  /** What that holds. */
  readonly type: CallerType | undefined;
  /** Set when the tensor is another one's memory, and nothing is written. */
  readonly alias: Alias | undefined;
  /** A border that the producer, or the readers of its parts, would like. */
  readonly room: Pads | undefined;
  /** Set when the producer writes into a part of another buffer. */
  readonly part: { readonly of: Buffer; readonly offset: number } | undefined;
}

/** The buffers that satisfy all requests; the first is the one the producer writes. */
export function settleBuffers(offer: Offer, asked: readonly Request[]): readonly Buffer[] {
  const requests = [...new Map(asked.map((request) => [requestText(request), request])).values()];
  const buffers: Buffer[] = [primaryBuffer(offer, requests)];
  for (const request of requests) {
    if (findBuffer(buffers, request) !== undefined) continue;
    const like = requests.filter(
      (other) => findBuffer(buffers, other) === undefined && canShare(request, other),
    );
    buffers.push(copyBuffer(buffers, merge(like), offer));
  }
  return buffers;
}

/** Equal requests have equal texts: thousands of readers want a handful of things. */
function requestText({ layout, pads, fill, exact, readsPadding, output, type }: Request): string {
  return [layoutText(layout), pads.join(), fill, exact, readsPadding, output, type].join(" ");
}

/** The buffer that serves a request it was settled for. */
export function serve(buffers: readonly Buffer[], request: Request): Buffer {
  return defined(findBuffer(buffers, request), `a buffer in layout ${layoutText(request.layout)}`);
}

function findBuffer(buffers: readonly Buffer[], request: Request): Buffer | undefined {
  return buffers.find((buffer) => {
    if (buffer.type !== request.type) return false;
    if (!sameLayout(buffer.layout, request.layout)) return false;
    if (request.output !== undefined && !isOutput(buffer, request.output)) return false;
    if (request.readsPadding && !buffer.readsPadding) return false;
    if (request.exact && !isZero(buffer.halo)) return false;
    if (isZero(request.pads)) return true;
    return buffer.fill === request.fill && request.pads.every((p, side) => p <= buffer.filled[side]);
  });
}

function isOutput(buffer: Buffer, index: number): boolean {
  return buffer.port?.kind === "output" && buffer.port.index === index;
}

/** One buffer for both requests is as good as two. */
function canShare(a: Request, b: Request): boolean {
  if (!sameLayout(a.layout, b.layout)) return false;
  if (a.output !== undefined && b.output !== undefined && a.output !== b.output) return false;
  const bordered = !isZero(a.pads) || !isZero(b.pads);
  if ((exactOf(a) || exactOf(b)) && bordered) return false;
  return isZero(a.pads) || isZero(b.pads) || a.fill === b.fill;
}

function exactOf(request: Request): boolean {
  return request.exact || request.output !== undefined;
}

/** The producer writes straight to a network output if it can; else with the border most readers share. */
function primaryBuffer(offer: Offer, requests: readonly Request[]): Buffer {
  const { tensor, extents, layout, input, alias, part } = offer;
  const fitting = requests.filter((request) => sameLayout(request.layout, layout));
  const readsPadding = fitting.some((request) => request.readsPadding);
  if (part !== undefined) {
    const { halo, fill } = part.of;
    const within = ({ pads }: Request): boolean => pads.every((p, side) => p <= halo[side]);
    const filled = widestOf(fitting.filter((request) => request.fill === fill && within(request)));
    const place = { halo, filled, fill, readsPadding, exact: false, port: undefined };
    return { tensor, extents, layout, ...place, source: { kind: "part", ...part } };
  }
  const source: Buffer["source"] = alias === undefined ? { kind: "node" } : { kind: "alias", ...alias };
  const base = { tensor, extents, layout, source };
  if (input !== undefined && offer.type !== undefined && !isReadType(offer.type)) {
    // floats in memory of our own, which the runtime makes
    return { ...base, ...NO_BORDER, readsPadding: false, exact: true, port: undefined };
  }
  if (input !== undefined) {
    const port = { kind: "input", index: input } as const;
    const whole = positionCount(layout, extents.c) === extents.c;
    const type = offer.type && isReadType(offer.type) ? { type: offer.type } : {};
    return { ...base, ...NO_BORDER, readsPadding: whole, exact: true, port, ...type };
  }
  const output = fitting.find((request) => request.output !== undefined);
  if (output?.output !== undefined) {
    const port = { kind: "output", index: output.output } as const;
    return { ...base, ...NO_BORDER, readsPadding, exact: true, port };
  }
  const bordered = offer.canHalo ? fitting.filter((request) => !isZero(request.pads)) : [];
  const fill = bordered.some((request) => request.fill === 0) ? 0 : (bordered[0]?.fill ?? 0);
  const filled = widestOf(bordered.filter((request) => request.fill === fill));
  const halo = fitting.some((request) => request.exact) ? filled : widest(filled, offer.room);
  const exact = isZero(halo) && fitting.some((request) => request.exact);
  return { ...base, halo, filled, fill, readsPadding, exact, port: undefined };
}

const NO_BORDER = { halo: NO_PADS, filled: NO_PADS, fill: 0 } as const;

function widestOf(requests: readonly Request[]): Pads {
  return requests.reduce<Pads>((pads, request) => widest(pads, request.pads), NO_PADS);
}

function merge(requests: readonly Request[]): Request {
  const [first] = requests;
  // Only those that can share with all the others so far.
  const together: Request[] = [first];
  for (const next of requests.slice(1)) {
    if (together.every((other) => canShare(other, next))) together.push(next);
  }
  return {
    layout: first.layout,
    pads: widestOf(together),
    fill: together.find((request) => !isZero(request.pads))?.fill ?? 0,
    exact: together.some((request) => request.exact),
    readsPadding: together.some((request) => request.readsPadding),
    output: together.find((request) => request.output !== undefined)?.output,
  };
}

/** Whether a single copy of a buffer lies so; numbers of 64 bits are told channel by channel (move-tasks.ts). */
function isCopied({ extents, layout, type }: Buffer, to: Layout): boolean {
  const block = commonBlock(extents, layout, to);
  return type === "i64" ? block === 1 : block !== undefined;
}

/** A buffer filled by a copy, through a planar one (added to `buffers`) where a single copy does not do. */
function copyBuffer(buffers: Buffer[], request: Request, { tensor, extents }: Offer): Buffer {
  const { layout, pads, fill, readsPadding, output } = request;
  const port = output === undefined ? undefined : ({ kind: "output", index: output } as const);
  const make = (from: Buffer, to: Layout): Buffer => ({
    tensor,
    extents,
    layout: to,
    ...NO_BORDER,
    readsPadding: false,
    exact: true,
    port: undefined,
    source: { kind: "copy", from },
  });
  let from = buffers.find((buffer) => isCopied(buffer, layout));
  if (from === undefined) {
    from = make(buffers[0], planarLayout(layout));
    buffers.push(from);
  }
  return { ...make(from, layout), halo: pads, filled: pads, fill, readsPadding, port };
}
