import { z } from "zod";
import { axis, type Index } from "../../ir/index-expr.ts";
import type { LoopProc } from "../../ir/proc.ts";
import type { Block, Memory } from "../../ir/stmt.ts";
import type { Diagnostic } from "../../support/diagnostic.ts";
import { declarationsOf, declares, mapAccesses, rewriteAllocs } from "../buffers.ts";
import { knownName, memory, newName } from "../fields.ts";
import { bodiesAt, rewriteBodies } from "../loops.ts";
import { checkAxis, checkBuffer, checkFresh, definePrimitive, refuse } from "../primitive.ts";
import { copyNames, scratchRefusal, withScratch } from "../scratch.ts";

const schema = z.strictObject({
  op: z.literal("stage"),
  buffer: knownName,
  /** The loop whose body gets the new buffer; absent: the whole procedure. */
  at: knownName.optional(),
  memory,
  /** Name of the copy, when what is staged lies outside the loop. */
  as: newName.optional(),
});
export type StageStep = Readonly<z.infer<typeof schema>>;

/**
 * Gives a loop a buffer of its own.
 *
 * A local buffer declared inside loop `at` moves up to it, with one copy for every iteration of the loops in
 * between: an accumulator becomes a tile of accumulators.
 *
 * ```ts before
 * for (const i of range(4)) { for (const j of range(8)) { let acc = 0; acc += x[i][j]; y[i][j] = acc; } }
 * ```
 * ```ts after stage("acc", "i", "register")
 * for (const i of range(4)) {
 *   const acc = register([8]);
 *   for (const j of range(8)) { acc[j] = 0; acc[j] += x[i][j]; y[i][j] = acc[j]; }
 * }
 * ```
 *
 * A parameter, or a local buffer declared outside, is copied: the window that the loop's body touches goes
 * into a scratch buffer named by `as`, read before the body unless the body writes every element first,
 * written back after it if the body writes at all. The loops that copy are named `as_0`, `as_1`, ...
 *
 * ```ts before
 * for (const i of range(4)) { for (const j of range(8)) { y[i][j] += x[j][i]; } }
 * ```
 * ```ts after stage("y", { at: "i", as: "t" })
 * for (const i of range(4)) {
 *   const t = stack([1, 8]);
 *   for (const t_0 of range(1)) { for (const t_1 of range(8)) { t[t_0][t_1] = y[i + t_0][t_1]; } }
 *   for (const j of range(8)) { t[0][j] += x[j][i]; }
 *   for (const t_0 of range(1)) { for (const t_1 of range(8)) { y[i + t_0][t_1] = t[t_0][t_1]; } }
 * }
 * ```
 *
 * Of what is only read, elements between those of a stride are not copied.
 *
 * ```ts before
 * for (const i of range(4)) { for (const j of range(4)) { y[i][j] = x[i][2 * j]; } }
 * ```
 * ```ts after stage("x", { at: "i", as: "t" })
 * for (const i of range(4)) {
 *   const t = stack([1, 4]);
 *   for (const t_0 of range(1)) { for (const t_1 of range(4)) { t[t_0][t_1] = x[i + t_0][2 * t_1]; } }
 *   for (const j of range(4)) { y[i][j] = t[0][j]; }
 * }
 * ```
 */
export const stage = definePrimitive<StageStep>({
  op: "stage",
  schema,
  check(proc, step) {
    const { buffer, at } = step;
    const missing = at === undefined ? undefined : checkAxis(proc, "stage at", at);
    if (missing) return missing;
    return raises(proc, buffer, at) ? checkRaise(proc, step) : checkCopy(proc, step);
  },
  apply(proc, { buffer, at, memory, as }) {
    if (raises(proc, buffer, at)) {
      return rewriteBodies(proc, at, (body) => raised(body, buffer, as ?? buffer, memory));
    }
    return rewriteBodies(proc, at, (body, around) =>
      withScratch(body, around(), { buffer, as: as ?? defaultName(buffer), memory }),
    );
  },
});

/** Name of the copy when none is given. */
export function defaultName(buffer: string): string {
  return `${buffer}_tile`;
}

/** Whether the buffer is declared inside the loops named, so that its declaration moves instead of being copied. */
function raises(proc: LoopProc, buffer: string, at: string | undefined): boolean {
  return bodiesAt(proc, at).some(({ body }) => declares(body, buffer));
}

function cannot(buffer: string, at: string | undefined): string {
  return `cannot stage \`${buffer}\`${at === undefined ? "" : ` at \`${at}\``}`;
}

function checkRaise(proc: LoopProc, { buffer, at, as }: StageStep): Diagnostic | undefined {
  const taken = as === undefined ? undefined : checkFresh(proc, `stage \`${buffer}\` as \`${as}\``, [as]);
  if (taken) return taken;
  for (const { body } of bodiesAt(proc, at)) {
    const found = declarationsOf(body, buffer);
    const shapes = new Set(
      found.map((d) => `[${[...d.crossed.map((c) => c.axis), ...d.alloc.shape].join(", ")}]`),
    );
    // after a fission, other loops of the name have nothing to do with it
    if (shapes.size <= 1) continue;
    return refuse(
      "S111",
      `${cannot(buffer, at)}: it is declared in different ways there`,
      `one copy for every iteration would have the shapes ${[...shapes].join(" and ")}`,
      "stage it at a loop further in",
    );
  }
  return undefined;
}

/** The declarations below a block replaced by one around it, with a dimension for each loop crossed. */
function raised(body: Block, buffer: string, name: string, memory: Memory): Block {
  const found = declarationsOf(body, buffer);
  if (found.length === 0) return body;
  const [{ crossed, alloc }] = found;
  const prefix: readonly Index[] = crossed.map((c) => axis(c.axis));
  const extents = crossed.map((_, d) => Math.max(...found.map((f) => f.crossed[d].extent)));
  const lifted = mapAccesses(
    rewriteAllocs(body, buffer, (a) => a.body),
    buffer,
    (at) => ({ buffer: name, at: [...prefix, ...at] }),
  );
  const shape = [...extents, ...alloc.shape];
  return [{ kind: "alloc", buffer: name, shape, memory, dtype: alloc.dtype, body: lifted }];
}

function checkCopy(
  proc: LoopProc,
  { buffer, at, as = defaultName(buffer) }: StageStep,
): Diagnostic | undefined {
  const missing = checkBuffer(proc, cannot(buffer, at), buffer);
  if (missing) return missing;
  const param = proc.params.find((p) => p.name === buffer);
  const declared = declarationsOf(proc.body, buffer);
  const bodies = bodiesAt(proc, at);
  const rank = (param?.storage.shape ?? declared[0].alloc.shape).length;
  const taken = checkFresh(proc, `stage \`${buffer}\` as \`${as}\``, [as, ...copyNames(as, rank)]);
  if (taken) return taken;
  const outcomes = bodies.map(({ body, around }) => scratchRefusal(body, around(), buffer));
  const refused = outcomes.find((o) => o !== undefined && o !== "untouched");
  if (refused !== undefined && refused !== "untouched") {
    return refuse(
      "S114",
      `${cannot(buffer, at)}: the window leaves \`${buffer}\``,
      refused,
      "peel or cut the iterations at the border first",
    );
  }
  if (outcomes.some((o) => o === undefined)) return undefined;
  return refuse("S124", `${cannot(buffer, at)}: nothing there touches it`, "a copy would be made for nobody");
}
