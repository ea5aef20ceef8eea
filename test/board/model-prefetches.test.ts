import { rmSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { after, type Body, cachesOf, coreOf, folder, perTurn, times } from "./assembly-loops.ts";

/** What instructions that prefetch are worth, and what they cost. */
afterAll(() => rmSync(folder, { recursive: true }));
const a53 = coreOf("qemu-rpi3");
const a72 = coreOf("qemu-rpi4");

/** Visits 4 MB in steps that no prefetcher foresees; `ahead` is done with the address of so many turns later in x6. */
const STEP = 64 * 33;
const stride = (turns: number, ahead: Body): Body => [
  "ldr x4, [x2]",
  ...[
    `mov x5, #${STEP * turns}`,
    "add x6, x2, x5",
    "sub x6, x6, x1",
    "and x6, x6, #0x3fffff",
    "add x6, x1, x6",
  ],
  ...ahead,
  ...[`mov x5, #${STEP}`, "add x2, x2, x5", "sub x3, x2, x1", "and x3, x3, #0x3fffff", "add x2, x1, x3"],
];

/** The three forms: an offset in lines of what is loaded, a small one of either sign, a register. */
const FORMS: readonly Body[] = [
  ["prfm pldl1keep, [x6]"],
  ["add x6, x6, #1", "prfum pldl2strm, [x6, #-1]"],
  ["mov x7, #8", "sub x6, x6, #64", "prfm pldl1strm, [x6, x7, lsl #3]"],
];

test.each(FORMS)(
  "a strided read of an A53 waits for memory, and not for what was prefetched: %s",
  async (...form) => {
    const without = await after(
      a53,
      stride(
        4,
        times(form.length, () => "nop"),
      ),
    );
    const { memoryStalls, l2Misses } = await after(a53, stride(4, form));
    const { memoryLatency, memoryInterval, overlap } = cachesOf(a53);
    expect(without.l2Misses).toBe(1000);
    expect(without.memoryStalls / 1000).toBeGreaterThanOrEqual(Math.floor(memoryLatency / overlap));
    // As many lines come, and no sooner than memory delivers them.
    expect(l2Misses).toBe(1000);
    expect(memoryStalls / 1000).toBeLessThan(memoryInterval);
  },
);

test("a prefetch counts as early enough, however late it is, but not after its use", async () => {
  const [form] = FORMS;
  const early = await after(a53, stride(4, form));
  const late = await after(a53, ["prfm pldl1keep, [x2]", ...stride(4, ["nop"])]);
  expect(late.cycles).toBe(early.cycles);
  const behind = await after(a53, stride(0, form));
  expect(behind.memoryStalls).toBe((await after(a53, stride(0, ["nop"]))).memoryStalls);
});

test("a prefetch takes the place of a load, and no register waits for it", async () => {
  const prefetches = times(16, (i) => `prfm pldl1keep, [x1, #${64 * i}]`);
  expect(await perTurn(a72, prefetches)).toBe(16);
  // Were it a load of x4, each would wait for the one before.
  const chain = times(16, () => "prfm pldl1keep, [x1]\nadd x4, x4, #1");
  expect(await perTurn(a72, chain)).toBe(16);
  expect((await after(a53, prefetches)).instructions).toBe(18 * 1000);
});
