import { coefficient } from "../ir/index-expr.ts";
import type { LoopProc } from "../ir/proc.ts";
import type { AllocStmt, Block } from "../ir/stmt.ts";

/** A local buffer in registers and how many it takes. */
export interface RegisterTile {
  readonly buffer: string;
  readonly shape: readonly number[];
  /** Elements of one register: the lanes, or 1. */
  readonly lanes: number;
  readonly registers: number;
}

export interface RegisterTiles {
  readonly tiles: readonly RegisterTile[];
  /** Most vector registers taken at once by tiles that are alive together. */
  readonly most: number;
}

/** What the local buffers in registers take on a machine with vectors of `lanes` elements. */
export function registerTiles(proc: LoopProc, lanes: number): RegisterTiles {
  const tiles: RegisterTile[] = [];
  const visit = (block: Block): number =>
    block.reduce((most, s) => {
      if (s.kind === "for" || s.kind === "if") return Math.max(most, visit(s.body));
      if (s.kind !== "alloc") return most;
      if (s.memory !== "register") return Math.max(most, visit(s.body));
      const tile = tileOf(s, lanes);
      tiles.push(tile);
      return Math.max(most, tile.registers + visit(s.body));
    }, 0);
  const most = visit(proc.body);
  return { tiles, most };
}

/** A line of warning with numbers when the tiles take more registers than there are. */
export function registerWarning(proc: LoopProc, lanes: number, registers: number): string | undefined {
  const { tiles, most } = registerTiles(proc, lanes);
  if (most <= registers) return undefined;
  const list = tiles.map((t) => `${t.buffer}[${t.shape.join(", ")}] ${t.registers}`).join(", ");
  return `local buffers take ${most} vector registers (${list}), there are ${registers}: some will be spilled`;
}

function tileOf(alloc: AllocStmt, lanes: number): RegisterTile {
  const size = alloc.shape.reduce((a, b) => a * b, 1);
  const inLanes = runsInLanes(alloc.body, alloc.buffer, lanes, undefined);
  const width = inLanes ? lanes : 1;
  return { buffer: alloc.buffer, shape: alloc.shape, lanes: width, registers: Math.ceil(size / width) };
}

/** Whether some vector loop runs along the buffer. */
function runsInLanes(block: Block, buffer: string, lanes: number, vector: string | undefined): boolean {
  return block.some((s) => {
    switch (s.kind) {
      case "for":
        return runsInLanes(
          s.body,
          buffer,
          lanes,
          s.mode === "vector" && s.extent % lanes === 0 ? s.axis : vector,
        );
      case "alloc":
      case "if":
        return runsInLanes(s.body, buffer, lanes, vector);
      case "store":
      case "reduce":
        return s.buffer === buffer && vector !== undefined && s.at.some((i) => coefficient(i, vector) !== 0);
      case "prefetch":
        return false;
    }
  });
}
