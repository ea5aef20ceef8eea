import { describe, expect, test } from "vitest";
import { binary, type Expr, literal } from "../../compiler/ir/expr.ts";
import { constant } from "../../compiler/ir/index-expr.ts";
import { interpretVector } from "../../compiler/ir/interpret-vector.ts";
import { plainStorage } from "../../compiler/ir/storage.ts";
import { type VExpr, walkVExpr } from "../../compiler/ir/vector.ts";
import { openLogistics } from "../../compiler/lower/logistic.ts";
import { loadIsa, loadTarget } from "../../compiler/machine/load.ts";
import type { Target } from "../../compiler/machine/target.schema.ts";

const V: Expr = { kind: "load", buffer: "x", at: [constant(0)], dtype: "f32" };
const exp = (value: Expr): Expr => ({ kind: "unary", op: "exp", value });
const negated = (factor: number): Expr => binary("mul", literal(-factor), V);
type Binary = Expr & { readonly kind: "binary" };
const quotient = (above: Expr, exponent: Expr): Binary =>
  binary("div", above, binary("add", literal(1), exp(exponent))) as Binary;
const SWISH = quotient(V, negated(1));
const SIGMOID = quotient(literal(1), negated(1));

const inLanes =
  (lanes: number) =>
  (e: Expr): VExpr => {
    if (e.kind === "literal") return { kind: "splat", value: e, lanes };
    if (e.kind === "load") return { kind: "load", buffer: "x", at: constant(0), lanes, dtype: "f32" };
    if (e.kind !== "binary") throw new Error(`no ${e.kind} here`);
    const [lhs, rhs] = [e.lhs, e.rhs].map(inLanes(lanes));
    return { kind: "binary", op: e.op, lanes, lhs, rhs };
  };

/** What the interpreter makes of the `times`-th quotient of a procedure. */
function computed(e: Binary, target: Target, times: number, x: Float32Array): Float32Array {
  const lanes = x.length;
  const logistics = openLogistics(target);
  const made = Array.from({ length: times }, () => logistics.of(e, inLanes(lanes), lanes));
  const value = made[times - 1];
  if (value === undefined) throw new Error("no quotient of this kind");
  const y = new Float32Array(lanes);
  const storage = plainStorage([lanes]);
  const params = [
    { name: "x", role: "input", dtype: "f32", storage },
    { name: "y", role: "output", dtype: "f32", storage },
  ] as const;
  const body = [{ kind: "store", buffer: "y", at: constant(0), lanes, value }] as const;
  interpretVector({ stage: "vector", name: "f", params, scratch: [], grid: [], body, pressure: 0 }, { x, y });
  return y;
}

function dividesInTurns(target: Target, count: number): string {
  const logistics = openLogistics(target);
  return Array.from({ length: count }, () => {
    let how = "";
    const value = logistics.of(SWISH, inLanes(4), 4);
    if (value) walkVExpr(value, (e) => (how += e.kind === "reciprocal" ? "r" : isDivision(e) ? "d" : ""));
    return [...new Set(how)].join("");
  }).join(" ");
}
const isDivision = (e: VExpr): boolean => e.kind === "binary" && e.op === "div";

const A72 = loadTarget("qemu-rpi4");
const UNFUSED = { ...loadTarget("host"), isa: loadIsa("portable") };

describe.each([
  ["by division", A72, 1],
  ["by the reciprocal", A72, 3],
  ["where products may be rounded first", UNFUSED, 1],
] as const)("%s", (_, target, times) => {
  test.each([
    ["Swish", SWISH, (v: number) => v / (1 + Math.exp(-v))],
    ["sigmoid", SIGMOID, (v: number) => 1 / (1 + Math.exp(-v))],
  ] as const)("%s is within 5 units in the last place", (_name, e, meaning) => {
    const x = Float32Array.from({ length: 40_000 }, (_v, i) => -84.9 + i * 0.00425);
    const y = computed(e, target, times, x);
    const off = (v: number, i: number): number => Math.abs(v / meaning(x[i]) - 1) * 2 ** 23;
    const worst = y.reduce((most, v, i) => Math.max(most, off(v, i)), 0);
    expect(worst).toBeLessThan(5);
  });

  test("ends are finite, and what is no number stays where it is", () => {
    const x = Float32Array.of(Number.NaN, 1e30, Infinity, 0, -0, -200, -1e30, -Infinity);
    const y = computed(SWISH, target, times, x);
    expect([...y.subarray(0, 5)]).toEqual([Number.NaN, Math.fround(1e30), Infinity, 0, -0]);
    expect([...y.subarray(5)].every((v) => v < 0 && v > -1e-36)).toBe(true);
    const s = computed(SIGMOID, target, times, x);
    expect([...s.subarray(0, 5)]).toEqual([Number.NaN, 1, 1, 0.5, 0.5]);
    expect([...s.subarray(5)].every((v) => v > 0 && v < 1e-38)).toBe(true);
  });
});

test("every third is made by the reciprocal where the divider takes longer than all else, none elsewhere", () => {
  expect(dividesInTurns(A72, 6)).toBe("d d r d d r");
  for (const other of ["qemu-rpi5", "qemu-rpi3", "host"])
    expect(dividesInTurns(loadTarget(other), 3)).toBe("d d d");
});

test("other quotients are left as they are", () => {
  const { of } = openLogistics(A72);
  for (const e of [
    quotient(V, negated(2)),
    quotient(binary("mul", V, V), negated(1)),
    quotient(V, V),
    binary("div", V, binary("add", literal(2), exp(negated(1)))) as Binary,
    binary("mul", V, binary("add", literal(1), exp(negated(1)))) as Binary,
  ])
    expect(of(e, inLanes(4), 4)).toBeUndefined();
  expect(of(SWISH, inLanes(1), 1)).toBeUndefined();
});
