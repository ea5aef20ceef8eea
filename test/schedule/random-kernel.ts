import { type Expr, literal, load, select } from "../../compiler/ir/expr.ts";
import { axis, combine, constant, rangeOf } from "../../compiler/ir/index-expr.ts";
import type { LoopProc, Param } from "../../compiler/ir/proc.ts";
import { type Block, loop, type Stmt } from "../../compiler/ir/stmt.ts";
import { plainStorage } from "../../compiler/ir/storage.ts";
import type { Rng } from "../../compiler/support/rng.ts";
import { type Around, INDICES, RandomValues } from "./random-values.ts";

/**
 * Small kernels in which some steps are legal and some are not: nests with affine accesses, sums and maxima,
 * accumulators, borders, conditions, numbers made of axes, and local buffers between nests; indices that run
 * backwards, and quotients and remainders of what may be negative. Every local element is written before it is
 * read, and sums of whole numbers stay exact.
 */
export function randomKernel(rng: Rng): LoopProc {
  const k = new Kernel(rng);
  const nests = 1 + rng.int(3);
  const body: Stmt[] = [];
  for (let n = 0; n < nests; n++) body.push(...k.piece());
  return k.finish(body);
}

/** Vectors of four and eight lanes among them. */
const EXTENTS = [1, 2, 3, 4, 4, 5, 6, 8];

class Kernel extends RandomValues {
  private names = 0;

  finish(body: Block): LoopProc {
    const params = [...this.sizes].map(([name, largest]): Param => {
      const shape = largest.map((n) => n + 1);
      if (name === INDICES.name) {
        return { name, role: "weight", dtype: "i32", storage: plainStorage(shape), bound: INDICES.bound };
      }
      const role = name === "w" ? "weight" : name === "x" ? "input" : "output";
      return { name, role, dtype: "f32", storage: plainStorage(shape) };
    });
    return { stage: "loop", name: "example", params, body };
  }

  /** One nest, or a local buffer with the nests that make and use it. */
  piece(): Block {
    switch (this.rng.int(10)) {
      case 9:
        return this.scattered();
      case 7:
      case 8:
      case 5:
      case 6:
        return this.rows();
      case 0:
        return this.accumulation();
      case 1:
      case 2:
        return this.stages();
      case 3:
        return this.bordered();
      default:
        return this.nest();
    }
  }

  /** A nest whose last loop runs along the last dimension of everything, with a local row between, perhaps. */
  private rows(): Block {
    const { names, around } = this.axes(2);
    const { names: lanes, around: along } = this.axes(1);
    const all = { ranges: new Map([...around.ranges, ...along.ranges]) };
    const row = (buffer: string) => {
      const at = this.access(buffer, { ranges: around.ranges }).at;
      return this.grown(buffer, [...at.slice(0, -1), axis(lanes[0])], all);
    };
    const product: Expr = {
      kind: "binary",
      op: "mul",
      lhs: load("x", row("x").at),
      rhs: this.rarely(4)
        ? this.number(all)
        : this.rng.int(2) === 0
          ? load("w", row("w").at)
          : this.read({ ranges: around.ranges }),
    };
    const to = row(this.pick(["y", "y", "z"]));
    if (this.rng.int(2) === 0) {
      return [this.wrap([...names, ...lanes], all, [{ kind: "reduce", op: "add", ...to, value: product }])];
    }
    const buffer = `r${this.names}`;
    const place = { buffer, at: [axis(lanes[0])] };
    const nest = (s: Stmt): Stmt => this.wrap(lanes, along, [s]);
    const body: Block = [
      nest({ kind: "store", ...place, value: product }),
      nest({ kind: "reduce", op: this.pick(["add", "max"]), ...to, value: load(buffer, place.at) }),
    ];
    const shape = [(along.ranges.get(lanes[0])?.max ?? 0) + 1];
    const memory = this.pick(["register", "stack"] as const);
    return [this.wrap(names, around, [{ kind: "alloc", dtype: "f32", buffer, shape, memory, body }])];
  }

  private axes(count: number): { readonly names: readonly string[]; readonly around: Around } {
    const names = Array.from(
      { length: count },
      () => "ijklmnopqrstuv"[this.names++ % 14] + (this.names > 14 ? "_" : ""),
    );
    const ranges = new Map(names.map((name) => [name, { min: 0, max: this.pick(EXTENTS) - 1 }]));
    return { names, around: { ranges } };
  }

  private wrap(names: readonly string[], { ranges }: Around, body: Block): Stmt {
    return names.reduceRight<Stmt[]>(
      (inner, name) => [loop(name, (ranges.get(name)?.max ?? 0) + 1, inner)],
      [...body],
    )[0];
  }

  private assign(around: Around, names: readonly string[]): Stmt {
    const own = this.rng.int(2) === 0 ? names.slice(0, 2) : undefined;
    const to = this.access(this.pick(["y", "z"]), around, own);
    const value = this.value(around);
    if (this.rng.int(3) === 0) return { kind: "store", ...to, value };
    return { kind: "reduce", op: this.pick(["add", "add", "max"]), ...to, value };
  }

  private nest(): Block {
    const { names, around } = this.axes(1 + this.rng.int(3));
    const body = Array.from({ length: 1 + this.rng.int(2) }, () =>
      this.guarded(around, this.assign(around, names)),
    );
    return [this.wrap(names, around, body)];
  }

  /** A statement under a condition, or two, now and then. */
  private guarded(around: Around, s: Stmt): Stmt {
    const cond = this.rarely(4) ? this.condition(around) : undefined;
    return cond === undefined ? s : { kind: "if", cond, body: [this.guarded(around, s)] };
  }

  /** A local array of each iteration: cleared, written somewhere, added to an output. */
  private scattered(): Block {
    const { names, around } = this.axes(1 + this.rng.int(2));
    const buffer = `u${this.names}`;
    const at = Array.from({ length: 1 + this.rng.int(2) }, () => this.index(around));
    const largest = at.map((i) => rangeOf(i, around.ranges).max);
    const nest = (make: (along: readonly string[], all: Around) => Stmt): Stmt => {
      const along = this.axes(at.length).names;
      const ranges = new Map(along.map((name, d) => [name, { min: 0, max: largest[d] }]));
      return this.wrap(along, { ranges }, [make(along, { ranges: new Map([...around.ranges, ...ranges]) })]);
    };
    const clear = nest((along, all) => {
      const reverse = this.rarely(2);
      const place = along.map((name) => (reverse ? this.reversed(name, all) : axis(name)));
      const value = this.rarely(2) ? literal(0) : this.value(all);
      return { kind: "store", buffer, at: place, value };
    });
    const write: Stmt = {
      kind: "reduce",
      op: this.pick(["add", "max"]),
      buffer,
      at,
      value: this.value(around),
    };
    const out = nest((along, all) => {
      const to = this.access(this.pick(["y", "z"]), all, along);
      return {
        kind: "reduce",
        op: "add",
        ...to,
        value: load(
          buffer,
          along.map((name) => axis(name)),
        ),
      };
    });
    const body = [clear, this.guarded(around, write), out];
    const shape = largest.map((n) => n + 1);
    return [
      this.wrap(names, around, [{ kind: "alloc", dtype: "f32", buffer, shape, memory: "stack", body }]),
    ];
  }

  /** y[i][j] = acc after a loop that sums into acc. */
  private accumulation(): Block {
    const { names, around } = this.axes(3);
    const buffer = `acc${this.names}`;
    const to = this.access("y", around, names.slice(0, 2));
    const outer = { ranges: new Map([...around.ranges].slice(0, 2)) };
    const body: Block = [
      { kind: "store", buffer, at: [], value: this.rng.int(2) === 0 ? literal(0) : this.read(outer) },
      // an accumulator that is seen before it is full
      ...(this.rarely(4) ? [this.seen(buffer, outer)] : []),
      this.wrap([names[2]], around, [
        { kind: "reduce", op: "add", buffer, at: [], value: this.value(around) },
        ...(this.rarely(4)
          ? [{ kind: "reduce", op: "max", buffer, at: [], value: this.value(around) } as const]
          : []),
      ]),
      { kind: "store", ...to, value: load(buffer, []) },
    ];
    const alloc: Stmt = { kind: "alloc", dtype: "f32", buffer, shape: [], memory: "register", body };
    return [this.wrap(names.slice(0, 2), outer, [alloc])];
  }

  private seen(buffer: string, around: Around): Stmt {
    return { kind: "store", ...this.access("z", around), value: load(buffer, []) };
  }

  /** A local buffer, the nests that make it and the nests that use it. */
  private stages(): Block {
    const buffer = `t${this.names}`;
    const rank = 1 + this.rng.int(2);
    const largest = new Array<number>(rank).fill(0);
    const uses: Stmt[] = [];
    for (let n = 0; n <= this.rng.int(2); n++) {
      const { names, around } = this.axes(2 + this.rng.int(2));
      const reads = Array.from({ length: 1 + this.rng.int(2) }, () => {
        const at = largest.map(() => this.index(around));
        for (const [d, i] of at.entries()) largest[d] = Math.max(largest[d], rangeOf(i, around.ranges).max);
        return load(buffer, at);
      });
      const value = reads.reduce<Expr>(
        (lhs, rhs) => ({ kind: "binary", op: "add", lhs, rhs }),
        this.value(around),
      );
      const to = this.access("y", around, names.slice(0, 2));
      uses.push(this.wrap(names, around, [{ kind: "reduce", op: "add", ...to, value }]));
    }
    const { names } = this.axes(rank);
    const ranges = new Map(names.map((name, d) => [name, { min: 0, max: largest[d] }]));
    const at = names.map((name) => (this.rarely(4) ? this.reversed(name, { ranges }) : axis(name)));
    const order = this.rarely(3) ? [...names].reverse() : names;
    const make: Block =
      this.rng.int(2) === 0
        ? [this.wrap(order, { ranges }, [{ kind: "store", buffer, at, value: this.value({ ranges }) }])]
        : this.summed(buffer, names, { ranges });
    const shape = largest.map((n) => n + 1);
    return [{ kind: "alloc", dtype: "f32", buffer, shape, memory: "stack", body: [...make, ...uses] }];
  }

  /** A producer that clears its elements and sums into them, in one nest or two. */
  private summed(buffer: string, names: readonly string[], around: Around): Block {
    const { names: inner, around: below } = this.axes(1);
    const all = { ranges: new Map([...around.ranges, ...below.ranges]) };
    const at = names.map((name) => axis(name));
    const clear: Stmt = { kind: "store", buffer, at, value: literal(0) };
    const sum = this.wrap(inner, all, [{ kind: "reduce", op: "add", buffer, at, value: this.value(all) }]);
    if (this.rng.int(2) === 0) return [this.wrap(names, around, [clear, sum])];
    return [this.wrap(names, around, [clear]), this.wrap(names, around, [sum])];
  }

  /** A window that leaves its input at both ends, guarded by a choice or a condition. */
  private bordered(): Block {
    const { names, around } = this.axes(2 + this.rng.int(2));
    const reach = combine([
      [axis(names[0]), this.pick([1, 1, 2])],
      [axis(names[1]), 1],
    ]);
    // somewhere inside, so that the access is never dead
    const before = Math.min(1 + this.rng.int(2), rangeOf(reach, around.ranges).max);
    const position = combine([[reach, 1]], -before);
    const extent = Math.max(1, rangeOf(position, around.ranges).max - this.rng.int(3));
    const row = names.length > 2 ? axis(names[2]) : constant(0);
    const old = this.sizes.get("x") ?? [0, 0];
    this.sizes.set("x", [Math.max(old[0], rangeOf(row, around.ranges).max), Math.max(old[1], extent - 1)]);
    const from = { op: "ge", lhs: position, rhs: constant(0) } as const;
    const to = { op: "lt", lhs: position, rhs: constant(extent) } as const;
    const inside = load("x", [row, position]);
    const twice: Expr = { kind: "binary", op: "add", lhs: inside, rhs: inside };
    const target = this.access("y", around, [names[0]]);
    if (this.rng.int(3) === 0) {
      const write: Stmt = { kind: "reduce", op: "add", ...target, value: inside };
      const guarded: Stmt = { kind: "if", cond: from, body: [{ kind: "if", cond: to, body: [write] }] };
      return [this.wrap(names, around, [guarded])];
    }
    const once = select(from, select(to, inside, literal(0)), literal(0));
    const again = select(from, select(to, twice, literal(1)), literal(2));
    const value: Expr = this.rarely(3) ? { kind: "binary", op: "add", lhs: once, rhs: again } : once;
    return [this.wrap(names, around, [{ kind: "reduce", op: "add", ...target, value }])];
  }
}
