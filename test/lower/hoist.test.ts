import { expect, test } from "vitest";
import type { VBlock, VExpr, VStmt } from "../../compiler/ir/vector.ts";
import { hoistInvariantLoads } from "../../compiler/lower/hoist.ts";
import { pressure } from "../../compiler/lower/pressure.ts";
import { makeRng } from "../../compiler/support/rng.ts";

const LANES = 4;
const register = (name: string): VExpr => ({ kind: "register", dtype: "f32", name, lanes: LANES });

/** A loop that loads vectors, some of which are the same in every iteration, and sums them up somewhere later. */
function randomLoop(seed: number): VStmt & { readonly kind: "for" } {
  const rng = makeRng(seed);
  const body: VStmt[] = [];
  const loaded: string[] = [];
  for (let i = 0; i < 40; i++) {
    if (loaded.length === 0 || rng.int(2) === 0) {
      const name = `v${i}`;
      loaded.push(name);
      const terms = rng.int(3) === 0 ? [{ coef: 4, atom: { kind: "axis", name: "k" } as const }] : [];
      const value: VExpr = {
        kind: "load",
        buffer: "x",
        at: { terms, offset: 4 * i },
        lanes: LANES,
        dtype: "f32",
      };
      body.push({ kind: "let", name, lanes: LANES, value });
    } else {
      const name = `acc${rng.int(6)}`;
      const [a, b] = [0, 1].map(() => register(loaded[rng.int(loaded.length)]));
      body.push({
        kind: "set",
        name,
        lanes: LANES,
        value: { kind: "fma", lanes: LANES, acc: register(name), a, b },
      });
    }
  }
  return { kind: "for", axis: "k", extent: 8, body };
}

/** The same by trying: each load goes if the loop without it still fits. */
function oneByOne({ body }: VStmt & { readonly kind: "for" }, registers: number): VBlock {
  let rest: VBlock = body;
  for (const s of body) {
    if (s.kind !== "let" || s.value.kind !== "load" || s.value.at.terms.length > 0) continue;
    const next = rest.filter((t) => t !== s);
    if (pressure(next) <= registers) rest = next;
  }
  return rest;
}

test("loads leave a loop one after the other, as long as what is left fits the registers", () => {
  let moved = 0;
  let stayed = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const loop = randomLoop(seed);
    const registers = 8 + (seed % 12);
    const rest = oneByOne(loop, registers);
    const hoisted = hoistInvariantLoads([loop], registers);
    expect(hoisted.at(-1)).toEqual({ ...loop, body: rest });
    expect(hoisted.length - 1).toBe(loop.body.length - rest.length);
    moved += hoisted.length - 1;
    stayed += rest.filter(
      (s) => s.kind === "let" && s.value.kind === "load" && s.value.at.terms.length === 0,
    ).length;
  }
  expect(Math.min(moved, stayed)).toBeGreaterThan(50);
});
