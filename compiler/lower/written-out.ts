import type { Block } from "../ir/stmt.ts";
import { UserError } from "../support/diagnostic.ts";

/** Statements and registers that one kernel may come to: ten times those of the largest operator, some seconds for a C compiler. */
const MOST = 20_000;

/** Refuses loops that would be written out, and registers, beyond what can be compiled. Throws L107. */
export function checkWrittenOut(block: Block, lanes: number): void {
  const registers = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
  refuseAbove(MOST, sizeOf(block, lanes, registers), "statements and registers");
}

/** The same for statements alone, and any limit: each is some line of C. Throws L107. */
export function checkStatements(block: Block, lanes: number, most: number): void {
  refuseAbove(
    most,
    sizeOf(block, lanes, () => 0),
    "statements",
  );
}

function refuseAbove(most: number, size: number, what: string): void {
  if (size <= most) return;
  throw new UserError({
    code: "L107",
    exit: "illegalSchedule",
    title: "this kernel is too large once its loops are written out",
    why: `unrolled and vector loops come to ${size} ${what}, the limit is ${most}`,
    help: ["split the loop and unroll only the inner part", "stage large buffers on the stack"],
  });
}

function sizeOf(block: Block, lanes: number, registers: (shape: readonly number[]) => number): number {
  return block.reduce((sum, s) => {
    switch (s.kind) {
      case "for": {
        const copies = s.mode === "unroll" ? s.extent : s.mode === "vector" ? Math.ceil(s.extent / lanes) : 1;
        return sum + copies * sizeOf(s.body, lanes, registers);
      }
      case "alloc":
        return sum + (s.memory === "register" ? registers(s.shape) : 1) + sizeOf(s.body, lanes, registers);
      case "if":
        return sum + sizeOf(s.body, lanes, registers);
      case "store":
      case "reduce":
      case "prefetch":
        return sum + 1;
    }
  }, 0);
}
