import { rmSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { after, type Body, cachesOf, coreOf, folder, perTurn, times } from "./assembly-loops.ts";

/** Misses and waits of loops whose answer can be counted by hand. */
afterAll(() => rmSync(folder, { recursive: true }));
const a53 = coreOf("qemu-rpi3");
const a72 = coreOf("qemu-rpi4");
const a76 = coreOf("qemu-rpi5");

/** Visits a window of `bytes`, a power of two, `step` bytes further each turn; an odd number of lines visits all. */
const walk = (step: number, bytes: number, access = "ldr x4, [x2]"): Body => [
  access,
  `mov x5, #${step}`,
  "add x2, x2, x5",
  "sub x3, x2, x1",
  `and x3, x3, #${bytes - 1}`,
  "add x2, x1, x3",
];
const FAR = 64 * 33;

test("a walk over 256 KB a line at a time misses in the first cache every time, not in the second", async () => {
  const { l1Misses, l2Misses, instructions } = await after(a72, walk(64, 256 * 1024), 2 * 4096);
  expect({ l1Misses, l2Misses, instructions }).toEqual({
    l1Misses: 2 * 4096,
    l2Misses: 0,
    instructions: 8 * 2 * 4096,
  });
});

test("steps of 16 bytes miss once a line, steps of two lines every time", async () => {
  expect((await after(a72, walk(16, 256 * 1024), 16384)).l1Misses).toBe(16384 / 4);
  expect((await after(a72, walk(128, 256 * 1024), 4096)).l1Misses).toBe(4096);
});

test("loads that share a set: as many as its ways hit, one more misses always", async () => {
  const loads = (n: number, apart: number): Body =>
    times(n, (i) => `mov x3, #${i}\nlsl x3, x3, #${Math.log2(apart)}\nldr x4, [x1, x3]`).flatMap((l) =>
      l.split("\n"),
    );
  // The A76's first cache has 256 sets of 4 lines, its second 1024 of 8; the A72's first 256 of 2.
  expect((await after(a76, loads(4, 16 * 1024))).l1Misses).toBe(0);
  expect((await after(a76, loads(5, 16 * 1024))).l1Misses).toBe(5000);
  expect((await after(a72, loads(2, 16 * 1024))).l1Misses).toBe(0);
  expect((await after(a72, loads(3, 16 * 1024))).l1Misses).toBe(3000);
  expect((await after(a76, loads(8, 64 * 1024))).l2Misses).toBe(0);
  expect((await after(a76, loads(9, 64 * 1024))).l2Misses).toBe(9000);
});

test("the line used least recently leaves", async () => {
  // One line is used again after each of four others of its set: it stays, they take turns in the three other places.
  const others = times(4, (i) => `mov x3, #${(i + 1) * 16384}\nldr x4, [x1, x3]\nldr x4, [x1]`);
  const { l1Misses } = await after(
    a76,
    others.flatMap((l) => l.split("\n")),
  );
  expect(l1Misses).toBe(4000);
});

test("a miss that nothing foresees waits for the level that has the line, several at a time", async () => {
  const resident = await perTurn(a76, walk(0, 1024));
  const { l2Latency, l3Latency, memoryLatency, overlap } = cachesOf(a76);
  const wait = async (core: typeof a76, kib: number): Promise<number> => {
    const turns = kib * 16;
    const { cycles } = await after(core, walk(FAR, kib * 1024), turns);
    return cycles / turns - resident;
  };
  expect(await wait(a76, 256)).toBeCloseTo(Math.floor(l2Latency / overlap), 0);
  expect(await wait(a76, 1024)).toBeCloseTo(Math.floor(l3Latency / overlap), 0);
  expect(await wait(a76, 4096)).toBeCloseTo(Math.floor(memoryLatency / overlap), 0);
  const without = coreOf("qemu-rpi5", ({ caches }) => ({ caches: { ...caches, l3Bytes: 0 } }));
  expect(await wait(without, 1024)).toBeCloseTo(Math.floor(memoryLatency / overlap), 0);
});

test("lines fetched ahead, and those of stores, come as fast as memory delivers", async () => {
  const { memoryInterval, memoryLatency, overlap } = cachesOf(a53);
  expect(await perTurn(a53, walk(0, 1024))).toBeLessThan(memoryInterval);
  expect(await perTurn(a53, walk(64, 4 << 20))).toBeCloseTo(memoryInterval, 0);
  expect(await perTurn(a53, walk(FAR, 4 << 20, "str x4, [x2]"))).toBeCloseTo(memoryInterval, 0);
  expect(await perTurn(a53, walk(FAR, 4 << 20))).toBeGreaterThan(memoryLatency / overlap);
});

test("as many sequences are fetched ahead as the prefetcher follows", async () => {
  // Rows 64 KB apart in 256 KB, all in the second cache.
  const rows = (n: number): Body => [
    ...times(n, (i) => `add x6, x2, #${i * 16}, lsl #12\nldr x4, [x6]`).flatMap((l) => l.split("\n")),
    ...walk(64, 64 * 1024, "nop"),
  ];
  const { l2Interval, l2Latency, overlap } = cachesOf(a53);
  // Some more where the rows begin again.
  expect(await perTurn(a53, rows(2))).toBeLessThan(2 * l2Interval * 1.1);
  expect(await perTurn(a53, rows(3))).toBeGreaterThan(3 * (l2Latency / overlap));
  const more = coreOf("qemu-rpi3", ({ caches }) => ({ caches: { ...caches, prefetchStreams: 3 } }));
  expect(await perTurn(more, rows(3))).toBeLessThan(3 * l2Interval * 1.1);
});

test("lines that come two by two the wrong way round are a sequence for all but the smallest core", async () => {
  const pairs = ["add x6, x2, #64", "ldr x4, [x6]", ...walk(128, 4 << 20)];
  const { memoryInterval } = cachesOf(a72);
  expect(await perTurn(a72, pairs)).toBeCloseTo(2 * memoryInterval, 0);
  const { memoryLatency, overlap } = cachesOf(a53);
  expect(await perTurn(a53, pairs)).toBeGreaterThan(2 * (memoryLatency / overlap));
});

test("a sequence whose steps are longer than the prefetcher's reach is not foreseen", async () => {
  const { memoryLatency, overlap, memoryInterval, prefetchReach } = cachesOf(a53);
  expect(await perTurn(a53, walk(64 * prefetchReach, 4 << 20))).toBeCloseTo(memoryInterval, 0);
  expect(await perTurn(a53, walk(64 * (prefetchReach + 1), 4 << 20))).toBeGreaterThan(
    memoryLatency / overlap,
  );
});
