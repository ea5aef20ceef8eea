import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ALIGNMENT,
  type Lifetime,
  planMemory,
  planMemoryWithoutReuse,
} from "../../compiler/graph/plan/plan-memory.ts";

const lifetime = fc
  .record({ bytes: fc.integer({ min: 1, max: 5000 }), first: fc.nat(30), length: fc.nat(10) })
  .map(({ bytes, first, length }): Lifetime => ({ bytes, first, last: first + length }));

describe("the memory plan", () => {
  it("keeps buffers that live together apart, aligned, and above the lower bound", () => {
    fc.assert(
      fc.property(fc.array(lifetime, { maxLength: 40 }), (lifetimes) => {
        const { offsets, arenaBytes, lowerBound } = planMemory(lifetimes);
        expect(arenaBytes).toBeGreaterThanOrEqual(lowerBound);
        lifetimes.forEach((a, i) => {
          expect(offsets[i] % ALIGNMENT).toBe(0);
          expect(offsets[i] + a.bytes).toBeLessThanOrEqual(arenaBytes);
          lifetimes.slice(0, i).forEach((b, j) => {
            if (a.first > b.last || b.first > a.last) return;
            const apart = offsets[i] + a.bytes <= offsets[j] || offsets[j] + b.bytes <= offsets[i];
            expect(apart).toBe(true);
          });
        });
      }),
    );
  });

  it("uses memory again", () => {
    const chain = [0, 1, 2, 3].map((first) => ({ bytes: 640, first, last: first + 1 }));
    expect(planMemory(chain)).toEqual({ offsets: [0, 640, 0, 640], arenaBytes: 1280, lowerBound: 1280 });
    expect(planMemoryWithoutReuse(chain).arenaBytes).toBe(2560);
  });

  it("takes no memory for no buffers", () => {
    expect(planMemory([])).toEqual({ offsets: [], arenaBytes: 0, lowerBound: 0 });
  });
});
