import { binary, convert, type Expr, literal, load } from "../ir/expr.ts";
import { axis, combine, constant, type Index, type Ranges } from "../ir/index-expr.ts";
import { mapBlocks, mapStmt } from "../ir/rewrite.ts";
import { type AllocStmt, type Block, type ForStmt, loop, type Stmt } from "../ir/stmt.ts";
import { substitute } from "../ir/substitute.ts";
import type { Names } from "./names.ts";

/** Terms that are added up in f16, at most, before their sum is added to one of f32: those of two blocks of eight channels by windows of 3x3. */
export const BLOCK_TERMS = 144;

interface Surroundings {
  /** Elements of a vector of f16. */
  readonly lanes: number;
  readonly ranges: Ranges;
  readonly names: Names;
}

/**
 * Sums of f16 lose the terms that are small beside them: of thousands of terms of one sign nothing is left from some point on. Each
 * loop that adds up more than BLOCK_TERMS of them does so block by block, and sums of blocks are added up in f32, on the stack.
 *
 *     for ic of 512 { acc += x[ic] * w[ic]; }
 *
 * becomes
 *
 *     total = 0;
 *     for b of 3 { for ic of 144 { acc += x[144 * b + ic] * w[144 * b + ic]; }  total += acc; acc = 0; }
 *     for ic of 80 { acc += x[432 + ic] * w[432 + ic]; }
 *     acc = total + acc;
 *
 * Where there is one block beside the last, its sum is stored in place of being added to zeros.
 */
export function blockSums(block: Block, around: Surroundings): Block {
  return block.map((s): Stmt => {
    const inner = mapBlocks(s, (body) => (isVector(s) ? body : blockSums(body, around)));
    if (inner.kind !== "alloc" || inner.memory !== "register" || inner.dtype !== "f16") return inner;
    return { ...inner, body: runsIn(inner).flatMap((run) => summed(run, inner, around)) };
  });
}

function isVector(s: Stmt): boolean {
  return s.kind === "for" && (s.mode === "vector" || s.mode === "instruction");
}

/** The statements that an accumulator is for: those that follow each other and only add to it together, others alone. */
function runsIn({ buffer, body }: AllocStmt): readonly Block[] {
  const runs: Stmt[][] = [];
  let adds = false;
  for (const s of body) {
    const goesOn = addsOnly(s, buffer);
    if (goesOn && adds) runs[runs.length - 1].push(s);
    else runs.push([s]);
    adds = goesOn;
  }
  return runs;
}

/** A run of statements that add to an accumulator; anything else as it is. */
function summed(run: Block, acc: AllocStmt, around: Surroundings): Block {
  if (!run.every((s) => addsOnly(s, acc.buffer))) return run;
  if (termsOf(run, acc.buffer, acc) <= BLOCK_TERMS) return run;
  const total = around.names.numbered(`${acc.buffer}_total`);
  const sums = (to: (at: readonly Index[]) => Block): Block => eachElement(acc, around, to);
  const wide = (at: readonly Index[]): Expr => convert("f32", load(acc.buffer, at, "f16"));
  const empty = (at: readonly Index[]): Stmt => ({
    kind: "store",
    buffer: acc.buffer,
    at,
    value: literal(0, "f16"),
  });
  const blocks = (flush: (at: readonly Index[]) => Stmt): Block =>
    blocksOf(
      run,
      acc,
      sums((at) => [flush(at), empty(at)]),
      around,
    );
  const added = blocks((at) => ({ kind: "reduce", op: "add", buffer: total, at, value: wide(at) }));
  const isOne = termsOf(added, total, acc) === 1;
  const body = [
    ...(isOne
      ? blocks((at) => ({ kind: "store", buffer: total, at, value: wide(at) }))
      : [...sums((at) => [{ kind: "store", buffer: total, at, value: literal(0) }]), ...added]),
    ...sums((at) => [
      {
        ...{ kind: "store", buffer: acc.buffer, at },
        value: convert("f16", binary("add", load(total, at), wide(at))),
      },
    ]),
  ];
  return [{ kind: "alloc", buffer: total, shape: acc.shape, memory: "stack", dtype: "f32", body }];
}

/** Statements one after another, with what is to be done before one with which they would be too many terms. */
function blocksOf(run: Block, acc: AllocStmt, flush: Block, around: Surroundings): Block {
  let since = 0;
  return run.flatMap((s): Block => {
    const terms = termsOf([s], acc.buffer, acc);
    const before = since > 0 && since + terms > BLOCK_TERMS ? flush : [];
    since = before.length > 0 ? terms : since + terms;
    const isLong = s.kind === "for" && s.mode === "serial" && terms > BLOCK_TERMS;
    return [...before, ...(isLong ? inBlocks(s, acc, flush, around) : [s])];
  });
}

/** A loop that adds to an accumulator, with what is to be done after each block of terms but the last. */
function inBlocks(l: ForStmt, acc: AllocStmt, flush: Block, around: Surroundings): Block {
  const each = termsOf(l.body, acc.buffer, acc);
  if (each > BLOCK_TERMS) {
    const body = l.body.flatMap((s) =>
      s.kind === "for" && s.mode === "serial" ? [...inBlocks(s, acc, flush, around), ...flush] : [s],
    );
    return [{ ...l, body }];
  }
  const size = Math.max(1, Math.floor(BLOCK_TERMS / each));
  const blocks = Math.floor((l.extent - 1) / size);
  if (blocks === 0) return [l];
  const block = around.names.numbered(`${l.axis}_block`);
  const ranges = new Map(around.ranges).set(block, { min: 0, max: blocks - 1 });
  const part = (extent: number, from: Index): Block => {
    const at =
      extent === 1
        ? from
        : combine([
            [from, 1],
            [axis(l.axis), 1],
          ]);
    const body = l.body.map((s) => mapStmt(s, (index) => substitute(index, new Map([[l.axis, at]]), ranges)));
    return extent === 1 ? body : [{ ...l, extent, body }];
  };
  const first =
    blocks === 1
      ? [...part(size, constant(0)), ...flush]
      : [loop(block, blocks, [...part(size, axis(block, size)), ...flush])];
  return [...first, ...part(l.extent - blocks * size, constant(blocks * size))];
}

/** Whether a statement, and all below it, adds to a buffer and does nothing else. */
function addsOnly(s: Stmt, buffer: string): boolean {
  if (s.kind === "for") return s.mode !== "instruction" && s.body.every((part) => addsOnly(part, buffer));
  return s.kind === "prefetch" || (s.kind === "reduce" && s.op === "add" && s.buffer === buffer);
}

/** Terms that statements add to each element of a buffer of an accumulator's shape. */
function termsOf(block: Block, buffer: string, { shape }: AllocStmt): number {
  return added(block, buffer) / shape.reduce((a, b) => a * b, 1);
}

function added(block: Block, buffer: string): number {
  return block.reduce((sum, s) => {
    if (s.kind === "for") return sum + s.extent * added(s.body, buffer);
    return s.kind === "reduce" && s.buffer === buffer ? sum + 1 : sum;
  }, 0);
}

/** Statements for each element of an accumulator: those of its last dimension as vectors where they fill some. */
function eachElement(
  { shape }: AllocStmt,
  { lanes, names }: Surroundings,
  to: (at: readonly Index[]) => Block,
): Block {
  const last = shape.at(-1) ?? 1;
  const inLanes = last % lanes === 0;
  const tuples = (inLanes ? shape.slice(0, -1) : shape).reduce<readonly (readonly Index[])[]>(
    (before, extent) =>
      before.flatMap((at) => Array.from({ length: extent }, (_, i) => [...at, constant(i)])),
    [[]],
  );
  if (!inLanes) return tuples.flatMap(to);
  const lane = names.numbered("sum");
  return tuples.map((at) => loop(lane, last, to([...at, axis(lane)]), "vector"));
}
