import type { VectorProc } from "../ir/vector.ts";

/** `const ptrdiff_t g = task / 16 % 4;` and so on, the last axis fastest; only those that are used. */
export function gridAxes(grid: VectorProc["grid"], task: string, used: ReadonlySet<string>): string[] {
  let below = 1;
  const lines: string[] = [];
  for (let i = grid.length - 1; i >= 0; i--) {
    const { axis, extent } = grid[i];
    const divided = below === 1 ? task : `${task} / ${below}`;
    const outermost = grid.slice(0, i).every((g) => g.extent === 1);
    const value = extent === 1 ? "0" : outermost ? divided : `${divided} % ${extent}`;
    if (used.has(axis)) lines.unshift(`const ptrdiff_t ${axis} = ${value};`);
    below *= extent;
  }
  return lines;
}
