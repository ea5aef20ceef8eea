import { stableJson } from "../../support/stable.ts";
import type { Buffer } from "./buffers.ts";
import type { DraftStep } from "./emission.ts";
import type { Lifetime } from "./plan-memory.ts";
import { addLive } from "./reserved-memory.ts";
import type { InPlace } from "./write-in-place.ts";

/** Memory with a border, which several buffers have one after the other. */
interface Bordered {
  readonly root: Buffer;
  /** What fills the border, as a text. */
  readonly key: string;
  readonly lifetime: Lifetime;
}

/**
 * Steps between two buffers in the same memory, at most: more of them would use memory that other buffers were in just before, and which
 * is in a cache. A policy; with one (a projection) networks of inverted residuals take 0.3 % less, with more others took longer.
 */
const MOST_BETWEEN = 1;

/**
 * Buffers of one size with equal borders lie in the same memory one after the other, where nothing else is put there in between and no more is
 * alive at a time for it: what fills the border of the first fills those of all. Their writers write only what is inside.
 */
export function keepBorders({ steps, arena, rootOf }: InPlace): InPlace {
  const kept = new Map(arena);
  // some live until after the last step
  const live = new Float64Array(steps.length + 1);
  for (const lifetime of arena.values()) addLive(live, lifetime, lifetime.bytes);
  const most = live.reduce((a, b) => Math.max(a, b), 0);
  const homes = new Map<Buffer, Buffer>();
  const slots = new Map<string, Bordered[]>();
  const inOrder = bordered(steps, arena, rootOf).sort((a, b) => a.lifetime.first - b.lifetime.first);
  for (const next of inOrder) {
    const { bytes, first, last } = next.lifetime;
    const fits = ({ lifetime }: Bordered): boolean =>
      lifetime.bytes === bytes &&
      lifetime.last < first &&
      first - lifetime.last - 1 <= MOST_BETWEEN &&
      live.subarray(lifetime.last + 1, first).every((now) => now + bytes <= most);
    const alike = slots.get(next.key) ?? [];
    const slot = alike.findLast(fits) ?? next;
    homes.set(next.root, slot.root);
    slots.set(next.key, [
      ...alike.filter((other) => other !== slot),
      { ...slot, lifetime: { ...slot.lifetime, last } },
    ]);
    if (slot === next) continue;
    addLive(live, { first: slot.lifetime.last + 1, last: first - 1 }, bytes);
    kept.delete(next.root);
    kept.set(slot.root, { ...slot.lifetime, last });
  }
  const homeOf = (buffer: Buffer): Buffer | undefined => homes.get(rootOf(buffer));
  return {
    steps: filledOnce(steps, homeOf),
    arena: kept,
    rootOf: (buffer) => homeOf(buffer) ?? rootOf(buffer),
  };
}

/** Instead of what fills a border that something else is written into. */
const CROSSED = "";

/** The memory whose border one kind of step fills, and no other writes. */
function bordered(
  steps: readonly DraftStep[],
  arena: ReadonlyMap<Buffer, Lifetime>,
  rootOf: (buffer: Buffer) => Buffer,
): Bordered[] {
  const keys = new Map<Buffer, Set<string>>();
  for (const { border, task, args } of steps) {
    const { y } = args;
    if (border === undefined || y?.kind !== "buffer") continue;
    const key = border === "filled" && y.offset === 0 ? stableJson(task) : CROSSED;
    const root = rootOf(y.buffer);
    keys.set(root, (keys.get(root) ?? new Set()).add(key));
  }
  return [...keys].flatMap(([root, own]) => {
    const [key] = own;
    const lifetime = arena.get(root);
    return own.size === 1 && key !== CROSSED && lifetime !== undefined ? [{ root, key, lifetime }] : [];
  });
}

/** The steps but for those that fill a border that is filled. */
function filledOnce(
  steps: readonly DraftStep[],
  homeOf: (buffer: Buffer) => Buffer | undefined,
): DraftStep[] {
  const filled = new Set<Buffer>();
  return steps.filter(({ border, args: { y } }) => {
    const home = border === "filled" && y.kind === "buffer" ? homeOf(y.buffer) : undefined;
    if (home === undefined) return true;
    const again = filled.has(home);
    filled.add(home);
    return !again;
  });
}
