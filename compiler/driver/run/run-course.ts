import { stateOfCores } from "../../device/board-cores.ts";
import type { BoardState } from "../../device/board-state.ts";
import { medianOf } from "../../results/median.ts";
import { clockOf, wasThrottled } from "../../results/steadiness/block.ts";
import type { BenchBlock } from "./bench-block.ts";

/** What one block of a measurement was like, whether it counts or not. */
export interface CoursePoint {
  /** From the first block's beginning to this one's end. */
  readonly seconds: number;
  /** Of a whole inference. */
  readonly medianNs: number;
  /** Of the core, by a kernel whose cycles are known. */
  readonly clockMHz?: number;
  /** Of the cores' part of the board, after the block. */
  readonly temperatureC?: number;
  /** The firmware said so of the block; absent where there is none that does. */
  readonly throttled?: boolean;
}

/** A point of a measurement's course; what the board does not tell is absent. */
export function coursePoint(
  seconds: number,
  block: BenchBlock,
  after: BoardState | undefined,
  cores: readonly number[] | undefined,
): CoursePoint {
  const temperatureC = after && stateOfCores(after, cores).temperatureC;
  const { throttling } = block;
  return {
    seconds: Math.round(1000 * seconds) / 1000,
    medianNs: medianOf(block.ns),
    ...(block.reference.length > 0 && { clockMHz: Math.round(clockOf(block)) }),
    ...(temperatureC !== undefined && { temperatureC }),
    ...(throttling && { throttled: wasThrottled(block) }),
  };
}
