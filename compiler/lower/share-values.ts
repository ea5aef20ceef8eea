import { BYTES } from "../ir/dtype.ts";
import { indexKey } from "../ir/index-expr.ts";
import { isHalfVector, laneType, vectorLanes } from "../ir/lane-type.ts";
import { mapOperands } from "../ir/rewrite-vector.ts";
import {
  dependences,
  operands,
  type VBlock,
  type VExpr,
  type VLoad,
  type VStmt,
  walkVExpr,
} from "../ir/vector.ts";
import { defined } from "../support/assert.ts";
import type { Names } from "./names.ts";
import { mapRuns, type Straight } from "./straight-line.ts";

/**
 * Names every vector read from memory, and every value computed twice, at its first use in a run of
 * straight-line code. Names are the buffer's (values: t) with a number that is unique in the procedure.
 */
export function shareValues(block: VBlock, names: Names): VBlock {
  const fresh = (stem: string): string => names.numbered(`${stem}_`);
  return mapRuns(block, (run) => shareInRun(run, fresh));
}

/** Bytes of a vector that is loaded together with another: what is smaller would only take a second register. */
const LEAST_PAIRED = 8;
/** A load is made together with its neighbour in memory when that one is wanted within so many statements: one instruction loads both. */
const PAIRING_DISTANCE = 24;

function shareInRun(run: readonly Straight[], fresh: (stem: string) => string): VBlock {
  const { uses, neighbours } = survey(run);
  const versions = new Versions();
  const named = new Map<string, VExpr>();
  let at = 0;
  let lets: VStmt[] = [];
  const nameLoad = (e: VLoad): VExpr => {
    const name = fresh(e.buffer);
    const register: VExpr = { kind: "register", name, lanes: e.lanes, dtype: e.dtype };
    named.set(versions.key(e), register);
    lets.push({ kind: "let", name, lanes: e.lanes, value: e });
    return register;
  };
  const always = (e: VExpr): VExpr => rewrite(e, true);
  const perhaps = (e: VExpr): VExpr => rewrite(e, false);
  /** `certain`: the value is wanted whatever conditions say. What a choice alone may read is read there, if at all. */
  const rewrite = (e: VExpr, certain: boolean): VExpr => {
    if (isNamed(e)) return e;
    const key = versions.key(e);
    const known = named.get(key);
    if (known) return known;
    const below = certain && e.kind !== "select" ? always : perhaps;
    if (!certain && dependences(e).buffers.size > 0) return mapOperands(e, below);
    if (e.kind === "load" && e.lanes > 1) {
      const other = neighbours.get(key);
      const both = other && other.firstUse - at <= PAIRING_DISTANCE && !named.has(versions.key(other.load));
      if (both && other.after) {
        const register = nameLoad(e);
        nameLoad(other.load);
        return register;
      }
      if (both) nameLoad(other.load);
      return nameLoad(e);
    }
    const value = mapOperands(e, below);
    if (!worthNaming(e, uses.get(key) ?? 0)) return value;
    const name = fresh(stem(e));
    const register: VExpr = { kind: "register", name, lanes: vectorLanes(e), dtype: laneType(e) };
    named.set(key, register);
    lets.push({ kind: "let", name, lanes: vectorLanes(e), value });
    return register;
  };
  return run.flatMap((s, i): VStmt[] => {
    at = i;
    lets = [];
    // the statement's own operation stays where it is; only what it uses is named
    const operand = s.value.kind === "select" ? perhaps : always;
    const value = isLeafLoad(s.value) && s.kind !== "let" ? always(s.value) : mapOperands(s.value, operand);
    versions.after(s);
    return [...lets, { ...s, value }];
  });
}

interface Neighbour {
  readonly load: VLoad;
  readonly firstUse: number;
  /** It lies behind the load it is the neighbour of. */
  readonly after: boolean;
}

interface Survey {
  /** How many different values or statements use each value. */
  readonly uses: ReadonlyMap<string, number>;
  /**
   * For vector loads from memory that a run does not write, or no longer: the load next to it, so that pairs follow the
   * addresses. Keys are those of the loads at their first use.
   */
  readonly neighbours: ReadonlyMap<string, Neighbour>;
}

function survey(run: readonly Straight[]): Survey {
  const lastStore = new Map<string, number>();
  run.forEach((s, at) => {
    if (s.kind === "store") lastStore.set(s.buffer, at);
  });
  const versions = new Versions();
  const uses = new Map<string, number>();
  const rows = new Map<string, Map<number, Found>>();
  const found = new Set<VLoad>();
  let at = 0;
  const find = (load: VLoad): void => {
    // halves and fours of bytes are loaded one by one, beside what they are wanted for
    if (
      load.lanes === 1 ||
      load.registers !== undefined ||
      isHalfVector(load) ||
      load.lanes * BYTES[load.dtype] < LEAST_PAIRED
    )
      return;
    if (found.has(load) || at <= (lastStore.get(load.buffer) ?? -1)) return;
    found.add(load);
    const row = `${load.buffer} ${load.lanes} ${indexKey({ terms: load.at.terms, offset: 0 })}`;
    const loads = rows.get(row) ?? new Map<number, Found>();
    rows.set(row, loads);
    const { offset } = load.at;
    if (!loads.has(offset)) loads.set(offset, { load, key: versions.key(load), firstUse: at });
  };
  const count = (e: VExpr): void => {
    if (isNamed(e)) return;
    const key = versions.key(e);
    const before = uses.get(key) ?? 0;
    uses.set(key, before + 1);
    if (before === 0) for (const o of operands(e)) count(o);
  };
  run.forEach((s, i) => {
    at = i;
    walkVExpr(s.value, (e) => {
      if (e.kind === "load") find(e);
    });
    if (isLeafLoad(s.value) && s.kind !== "let") count(s.value);
    else for (const o of operands(s.value)) count(o);
    versions.after(s);
  });
  return { uses, neighbours: pairsOf(rows.values()) };
}

interface Found {
  readonly load: VLoad;
  readonly key: string;
  readonly firstUse: number;
}

/** Of loads that differ in the constants of their addresses, by these: those that lie side by side, two by two. */
function pairsOf(rows: Iterable<ReadonlyMap<number, Found>>): ReadonlyMap<string, Neighbour> {
  const pairs = new Map<string, Neighbour>();
  for (const loads of rows) {
    const offsets = [...loads.keys()].sort((a, b) => a - b);
    for (let i = 0; i + 1 < offsets.length; i++) {
      const first = defined(loads.get(offsets[i]), "a load");
      const second = defined(loads.get(offsets[i + 1]), "a load");
      if (offsets[i + 1] - offsets[i] !== first.load.lanes) continue;
      pairs.set(first.key, { ...second, after: true });
      pairs.set(second.key, { ...first, after: false });
      i++;
    }
  }
  return pairs;
}

/** A value that needs no other name. */
function isNamed(e: VExpr): boolean {
  return e.kind === "register" || e.kind === "literal" || e.kind === "index";
}

function isLeafLoad(e: VExpr): boolean {
  return e.kind === "load" || e.kind === "splat";
}

function worthNaming(e: VExpr, uses: number): boolean {
  switch (e.kind) {
    case "load":
      return e.lanes > 1 || uses > 1;
    case "splat":
    case "iota":
      return true;
    default:
      return uses > 1;
  }
}

function stem(e: VExpr): string {
  if (e.kind === "load") return e.buffer;
  if (e.kind === "splat") return e.value.kind === "load" ? e.value.buffer : "c";
  return e.kind === "iota" ? "c" : "t";
}

/** What may change a value: stores alone, or any statement. */
type Clock = "stores" | "statements";

function readsRegisters(e: VExpr): boolean {
  return e.kind === "register" || operands(e).some(readsRegisters);
}

/** Tells values apart that read the same place before and after it is written. */
class Versions {
  private readonly written = new Map<string, number>();
  private readonly keys = new Map<
    VExpr,
    { readonly key: string; readonly clock: Clock; readonly time: number }
  >();
  private readonly time: Record<Clock, number> = { stores: 0, statements: 0 };

  key(e: VExpr): string {
    if (e.kind === "register") return this.compute(e);
    const kept = this.keys.get(e);
    if (kept !== undefined && kept.time === this.time[kept.clock]) return kept.key;
    const key = this.compute(e);
    const clock = readsRegisters(e) ? "statements" : "stores";
    this.keys.set(e, { key, clock, time: this.time[clock] });
    return key;
  }

  after(s: Straight): void {
    const name = s.kind === "store" ? `[${s.buffer}` : s.name;
    this.written.set(name, (this.written.get(name) ?? 0) + 1);
    if (s.kind === "store") this.time.stores++;
    this.time.statements++;
  }

  private compute(e: VExpr): string {
    switch (e.kind) {
      case "literal":
        return `${Object.is(e.value, -0) ? "-0" : String(e.value)} ${e.dtype}`;
      case "register":
        return `${e.name}@${this.written.get(e.name) ?? 0}`;
      case "load":
        return `${e.buffer}[${indexKey(e.at)}]${e.lanes}x${e.registers ?? 1}@${this.written.get(`[${e.buffer}`) ?? 0}`;
      case "iota":
        return `iota${e.lanes} ${e.dtype}`;
      case "index":
        return `index ${indexKey(e.index)} ${e.dtype}`;
      case "select": {
        const { op, lhs, rhs } = e.when;
        return `select(${indexKey(lhs)}${op}${indexKey(rhs)},${this.key(e.then)},${this.key(e.otherwise)})`;
      }
      case "splat":
        return `splat${e.lanes}(${this.key(e.value)})`;
      case "unary":
        return `${e.op}(${this.key(e.value)})`;
      case "convert":
        return `${e.to}${e.lanes}${e.small ? " small" : ""}(${this.key(e.value)})`;
      case "narrow":
        return `narrow ${e.to}${e.lanes}(${this.key(e.low)},${this.key(e.high)})`;
      case "call":
        return `${e.fn}${e.lanes}(${e.args.map((arg) => this.key(arg)).join()})`;
      case "instruction":
        return `${e.instruction.name}${e.part ?? ""}(${e.args.map((arg) => this.key(arg)).join()})`;
      case "exponent":
      case "reciprocal":
        return `${e.kind}${e.lanes}(${this.key(e.value)})`;
      case "binary":
        return `${e.op}${e.lanes}(${this.key(e.lhs)},${this.key(e.rhs)})`;
      case "fma":
      case "fms":
        return `${e.kind}${e.lanes}(${this.key(e.acc)},${this.key(e.a)},${this.key(e.b)})`;
      case "fma-lane":
        return `${e.kind}(${this.key(e.acc)},${this.key(e.a)},${this.key(e.b)},${e.lane})`;
      case "mul-lane":
        return `${e.kind}(${this.key(e.a)},${this.key(e.b)},${e.lane})`;
    }
  }
}
