import type { Rng } from "../../compiler/support/rng.ts";

/** Part of every text that a mutation puts into a trace and that is no name: it must never reach C. */
export const PAYLOAD = "0wned";

const TEXTS = [
  `io\n#error ${PAYLOAD}\n`,
  `i; system("${PAYLOAD}"); //`,
  `*/ ${PAYLOAD} /*`,
  `x[${PAYLOAD}]`,
  `\\u0069${PAYLOAD} `,
  `${PAYLOAD} ??/`,
  `\u001b[2J${PAYLOAD}`,
  `-${PAYLOAD}`,
  "",
  " ",
  "do",
  "NaN",
  "Math",
  "n".repeat(101),
  PAYLOAD.repeat(100_000),
];
/** Names that may be given, though C knows them. */
const NAMES = [
  "int",
  "task",
  "begin",
  "NAN",
  "NULL",
  "__proto__",
  "constructor",
  "toString",
  "$i",
  "日本",
  "vld1q_f32",
];
const COUNTS = [0, 1, 2, 3, 4, 5, 7, 8, 16, 1000, 65_535, 2 ** 24];
const NUMBERS = [-1, 0.5, 2 ** 24 + 1, 1e9, 2 ** 53, 1e308, -0];
const OTHERS = [null, true, false, [], {}, "exact", "cut", "guard", "stack", "register"];

/** A trace as a stranger might send it: `trace` with some of its steps, names and numbers changed. */
export function mutateTrace(trace: readonly unknown[], rng: Rng): unknown {
  let steps: unknown[] = structuredClone([...trace]);
  const times = 1 + rng.int(3);
  for (let i = 0; i < times; i++) steps = mutated(steps, rng);
  switch (rng.int(50)) {
    case 0:
      return pick(rng, [{ steps }, steps[0], nested(20_000), "trace", null]);
    case 1:
      return [...steps, { op: "split", axis: nested(20_000) }];
    default:
      return steps;
  }
}

function mutated(steps: unknown[], rng: Rng): unknown[] {
  const at = rng.int(Math.max(1, steps.length));
  switch (rng.int(10)) {
    case 0:
      return steps.toSpliced(at, 1);
    case 1:
      return steps.toSpliced(at, 0, structuredClone(steps[rng.int(Math.max(1, steps.length))]));
    case 2:
      return [...steps.slice(0, at), ...steps, ...steps.slice(at)];
    case 3: {
      const other = rng.int(Math.max(1, steps.length));
      const swapped = [...steps];
      [swapped[at], swapped[other]] = [swapped[other], swapped[at]];
      return swapped;
    }
    case 4:
      return renamed(steps, rng);
    default:
      return steps.map((step, i) => (i === at ? changed(step, namesIn(steps), rng) : step));
  }
}

/** One of the names that steps make, called otherwise wherever they mention it. */
function renamed(steps: unknown[], rng: Rng): unknown[] {
  const made = steps.flatMap((step) => {
    const { into, as } = (step ?? {}) as { readonly into?: unknown; readonly as?: unknown };
    return [into, as].flat().filter((name) => typeof name === "string");
  });
  if (made.length === 0) return steps;
  const from = pick(rng, made);
  const to = pick(rng, [...TEXTS, ...NAMES]);
  const inside = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(inside);
    if (typeof value !== "object" || value === null) return value === from ? to : value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inside(item)]));
  };
  return steps.map(inside);
}

/** A value with one of the values inside it replaced, removed or added. */
function changed(value: unknown, names: readonly string[], rng: Rng): unknown {
  if (Array.isArray(value) && value.length > 0 && rng.int(6) > 0) {
    const at = rng.int(value.length);
    return value.map((item: unknown, i) => (i === at ? changed(item, names, rng) : item));
  }
  if (typeof value === "object" && value !== null && rng.int(24) > 0) {
    const entries: [string, unknown][] = Object.entries(value);
    if (entries.length === 0 || rng.int(24) === 0) return { ...value, [pick(rng, TEXTS)]: 1 };
    const at = rng.int(entries.length);
    if (rng.int(24) === 0) return Object.fromEntries(entries.toSpliced(at, 1));
    return Object.fromEntries(entries.map(([k, v], i) => [k, i === at ? changed(v, names, rng) : v]));
  }
  if (typeof value === "number" && rng.int(5) > 0) return pick(rng, COUNTS);
  if (typeof value === "string" && rng.int(5) > 0) return pick(rng, rng.int(2) === 0 ? NAMES : names);
  return pick(rng, [...OTHERS, ...NUMBERS, ...COUNTS, ...TEXTS, ...NAMES, nested(1 + rng.int(20))]);
}

/** Names in a trace, so that some mutations name another loop that is there. */
function namesIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(namesIn).concat("i");
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = [value];
  return value;
}

function pick<T>(rng: Rng, items: readonly T[]): T {
  return items[rng.int(items.length)];
}
