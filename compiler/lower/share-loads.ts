import { indexKey } from "../ir/index-expr.ts";
import { mapOperands, type VBlock, type VExpr, type VStmt, walkVExpr } from "../ir/vector.ts";
import { mapRuns } from "./straight-line.ts";

/**
 * Gives every vector read from memory that does not change a name at its first use, and reads it once per
 * run of straight-line code. Names are the buffer's with a number that is unique in the procedure.
 */
export function shareLoads(block: VBlock, constant: (buffer: string) => boolean): VBlock {
  const counters = new Map<string, number>();
  const fresh = (buffer: string): string => {
    const n = counters.get(buffer) ?? 0;
    counters.set(buffer, n + 1);
    return `${buffer}_${n}`;
  };
  return mapRuns(block, (run) => {
    const uses = new Map<string, number>();
    for (const s of run) {
      walkVExpr(s.value, (e) => {
        const key = sharable(e, constant);
        if (key) uses.set(key.key, (uses.get(key.key) ?? 0) + 1);
      });
    }
    const named = new Map<string, VExpr>();
    return run.flatMap((s): VStmt[] => {
      const lets: VStmt[] = [];
      const rewrite = (e: VExpr): VExpr => {
        const found = sharable(e, constant);
        if (!found) return mapOperands(e, rewrite);
        if (found.lanes === 1 && (uses.get(found.key) ?? 0) < 2) return e;
        let register = named.get(found.key);
        if (!register) {
          const name = fresh(found.buffer);
          register = { kind: "register", name, lanes: found.lanes };
          named.set(found.key, register);
          lets.push({ kind: "let", name, lanes: found.lanes, value: e });
        }
        return register;
      };
      const value = rewrite(s.value);
      return [...lets, { ...s, value }];
    });
  });
}

interface Sharable {
  readonly key: string;
  readonly buffer: string;
  readonly lanes: number;
}

function sharable(e: VExpr, constant: (buffer: string) => boolean): Sharable | undefined {
  if (e.kind === "load" && constant(e.buffer)) {
    return { key: `${e.buffer}:${indexKey(e.at)}:${e.lanes}`, buffer: e.buffer, lanes: e.lanes };
  }
  if (e.kind === "splat" && e.value.kind === "load" && constant(e.value.buffer)) {
    return { key: `splat:${e.value.buffer}:${indexKey(e.value.at)}`, buffer: e.value.buffer, lanes: e.lanes };
  }
  if (e.kind === "splat" && e.value.kind === "literal") {
    return {
      key: `literal:${Object.is(e.value.value, -0) ? "-0" : e.value.value}`,
      buffer: "c",
      lanes: e.lanes,
    };
  }
  return undefined;
}
