import { describe, expect, it } from "vitest";
import {
  channelPositions,
  interleavedLayout,
  type Layout,
  layoutText,
  naturalLayout,
  PLANAR,
  paddedLayout,
} from "../../compiler/graph/layout.ts";
import {
  blockView,
  channelView,
  channelWindow,
  commonBlock,
  ownView,
  type Placement,
  paddedRows,
  placementElements,
  windowBytes,
} from "../../compiler/graph/placement.ts";
import { viewStorage } from "../../compiler/graph/view.ts";
import { addressTables, physicalSize, type Storage } from "../../compiler/ir/storage.ts";

const EXTENTS = { n: 2, c: 12, h: 3, w: 2 };
const HALO = [1, 2, 0, 1] as const;
const FOUR = { lanes: 4 };
const LAYOUTS: readonly Layout[] = [
  PLANAR,
  naturalLayout(FOUR),
  naturalLayout({ lanes: 8 }),
  ...[1, 2, 3, 6].flatMap((size) => [interleavedLayout(FOUR, size), paddedLayout(FOUR, size)]),
];
const BLOCKS = [1, 2, 3, 4, 6, 8, 12];

/** What a layout and a border mean: where element (n, c, y, x) lies. */
function addressOf({ extents, layout, halo }: Placement, [n, c, y, x]: readonly number[]): number {
  const positions = channelPositions(layout, extents.c);
  const lanes = layout.kind === "planar" ? 1 : layout.lanes;
  const [h, w] = [extents.h + halo[0] + halo[2], extents.w + halo[1] + halo[3]];
  const p = positions.indexOf(c);
  const plane = (n * positions.length) / lanes + Math.floor(p / lanes);
  return ((plane * h + y + halo[0]) * w + x + halo[1]) * lanes + (p % lanes);
}

function addresses(storage: Storage): number[] {
  return addressTables(storage).reduce<number[]>(
    (sums, table) => sums.flatMap((sum) => [...table].map((address) => sum + address)),
    [0],
  );
}

function meant(placement: Placement): number[] {
  const { n, c, h, w } = placement.extents;
  const { first, count } = placement.window ?? { first: 0, count: c };
  return Array.from({ length: n * count * h * w }, (_, i) => {
    const [x, y] = [i % w, Math.floor(i / w) % h];
    const image = Math.floor(i / (w * h));
    return addressOf(placement, [Math.floor(image / count), first + (image % count), y, x]);
  });
}

describe.each(LAYOUTS.map((layout) => [layoutText(layout), layout] as const))("%s", (_, layout) => {
  const placement: Placement = { extents: EXTENTS, layout, halo: HALO };

  it("has each element at one address, in all views that copies have of it", () => {
    const views = BLOCKS.flatMap((block) => blockView(placement, block) ?? []);
    expect(views.length).toBeGreaterThan(0);
    for (const view of [...views, ownView(placement)]) {
      expect(view && addresses(view)).toEqual(meant(placement));
      expect(view && physicalSize(view)).toBe(placementElements(placement));
    }
  });

  it("has windows of channels where all of it has them", () => {
    let cut = 0;
    for (const [first, count] of [3, 4, 6].flatMap((c) => [0, c].map((start) => [start, c] as const))) {
      const window = channelWindow(placement, first, count);
      const view = ownView(window);
      if (view === undefined) continue;
      cut++;
      expect(addresses(view)).toEqual(meant(window));
    }
    expect(cut).toBeGreaterThan(0);
  });

  it("takes the memory that kernels see of it", () => {
    expect(physicalSize(viewStorage({ form: "images", pads: [1, 0, 0, 1] }, placement))).toBe(
      placementElements(placement),
    );
    expect(() => viewStorage({ form: "images", pads: HALO }, channelWindow(placement, 0, 6))).toThrow(
      "kernels see whole tensors",
    );
  });

  it("has the positions that hold no channel at the end of rows", () => {
    const all = Array.from({ length: placementElements(placement) }, (_, at) => at);
    const { n, c, h, w } = EXTENTS;
    const widened = { ...EXTENTS, h: h + HALO[0] + HALO[2], w: w + HALO[1] + HALO[3] };
    const held = new Set(meant({ extents: widened, layout, halo: [0, 0, 0, 0] }));
    const padded = paddedRows(placement);
    const rows = padded && addressTables(padded.rows);
    const empty = rows?.reduce<number[]>(
      (sums, table, dim) =>
        sums.flatMap((sum) => [...table.slice(dim === 2 ? -(padded?.empty ?? 0) : 0)].map((at) => sum + at)),
      [0],
    );
    expect(held.size).toBe(n * c * widened.h * widened.w);
    expect([...(empty ?? [])].sort((a, b) => a - b)).toEqual(all.filter((at) => !held.has(at)));
  });

  it("says where a window is memory of its own, in natural order", () => {
    const image: Placement = { ...placement, extents: { ...EXTENTS, n: 1 } };
    for (const [first, count] of [3, 4, 6, 8].flatMap((c) => [0, c].map((at) => [at, c] as const))) {
      if (first + count > EXTENTS.c) continue;
      const bytes = windowBytes(channelWindow(image, first, count));
      if (bytes === undefined || layout.kind === "planar") continue;
      const alone = {
        ...image,
        extents: { ...image.extents, c: count },
        layout: naturalLayout(layout),
      };
      expect(meant(channelWindow(image, first, count))).toEqual(meant(alone).map((at) => at + bytes / 4));
    }
  });
});

describe("windows", () => {
  const image = (layout: Layout): Placement => ({ extents: { ...EXTENTS, n: 1 }, layout, halo: HALO });
  const bytes = (layout: Layout, first: number, count: number): number | undefined =>
    windowBytes(channelWindow(image(layout), first, count));
  const plane = 4 * 5 * Float32Array.BYTES_PER_ELEMENT;

  it("are memory of their own where they are whole vectors, or padded to them", () => {
    expect(bytes(naturalLayout(FOUR), 4, 8)).toBe(4 * plane);
    expect(bytes(naturalLayout(FOUR), 3, 3)).toBe(undefined);
    expect(bytes(paddedLayout(FOUR, 6), 6, 6)).toBe(8 * plane);
    expect(bytes(paddedLayout(FOUR, 3), 3, 6)).toBe(undefined);
    expect(bytes(interleavedLayout(FOUR, 3), 0, 12)).toBe(undefined);
    expect(bytes(PLANAR, 4, 4)).toBe(undefined);
    expect(windowBytes(channelWindow({ ...image(naturalLayout(FOUR)), extents: EXTENTS }, 4, 4))).toBe(
      undefined,
    );
  });

  it("of any channels are seen one by one, planar or in natural order", () => {
    for (const layout of [PLANAR, naturalLayout(FOUR)]) {
      const window = channelWindow({ extents: EXTENTS, layout, halo: HALO }, 5, 6);
      expect(addresses(channelView(window))).toEqual(meant(window));
    }
    const padded = { extents: EXTENTS, layout: paddedLayout(FOUR, 1), halo: HALO };
    expect(() => channelView(padded)).toThrow("channels are seen one by one in order");
  });
});

describe("a copy between two layouts", () => {
  it("takes the groups of either, or none", () => {
    const between = (from: Layout, to: Layout): number | undefined => commonBlock(EXTENTS, from, to);
    expect(between(PLANAR, naturalLayout(FOUR))).toBe(1);
    expect(between(naturalLayout(FOUR), interleavedLayout(FOUR, 2))).toBe(2);
    expect(between(PLANAR, paddedLayout(FOUR, 3))).toBe(3);
    expect(between(interleavedLayout(FOUR, 3), naturalLayout(FOUR))).toBe(12);
    expect(between(interleavedLayout(FOUR, 2), paddedLayout(FOUR, 3))).toBe(undefined);
  });
});
