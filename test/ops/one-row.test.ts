import { expect, test } from "vitest";
import { opTask } from "../../compiler/driver/decide/op-task.ts";
import type { Storage } from "../../compiler/ir/storage.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { defined } from "../../compiler/support/assert.ts";
import { compileTask, operator, taskKnobs } from "../../compiler/task/compile-task.ts";
import type { Task } from "../../compiler/task/task.ts";
import { bothResults } from "./both-results.ts";

const target = loadTarget("qemu-rpi4");
const asOneRow = defined(operator("conv2d").inSchedule?.pointwise, "how pointwise sees a map");
const SIZES = { IC: 8, OC: 16, BIAS: 1, RES: 1 };

/** The same map inside a border of one pixel. */
function bordered(storage: Storage): Storage {
  const side = { before: 1, after: 1 };
  return { ...storage, halo: storage.halo.map((none, dim) => (dim < 3 ? none : side)) };
}

const MAPS = [
  { OH: 5, OW: 5 },
  { OH: 7, OW: 9, G: 3 },
  { OH: 2, OW: 3, N: 2 },
  { OH: 4, OW: 4, IC: 3, RES: 0 },
];

test.each(MAPS)(
  "a convolution of single pixels on a map of %o is right in each order, as one row or not",
  (map) => {
    const joined = opTask("conv2d", { ...SIZES, ...map }, target);
    const apart = { ...joined, storage: { ...joined.storage, y: bordered(joined.storage.y) } };
    expect(asOneRow(joined)).toMatchObject({ dims: { OH: 1, OW: map.OH * map.OW } });
    expect(asOneRow(apart)).toBe(apart);
    for (const task of [joined, apart]) {
      for (const knob of taskKnobs(task, target)) {
        for (const option of knob.options.slice(0, 4)) {
          const [expected, found] = bothResults(task, target, { [knob.name]: String(option) });
          const off = found.findIndex((value, i) => !(Math.abs(value - expected[i]) < 1e-4));
          expect(off, `${knob.name} ${option}`).toBe(-1);
        }
      }
    }
  },
);

test("only maps whose rows follow each other, read pixel by pixel, are one row", () => {
  const task = (sizes: Readonly<Record<string, number>>): Task =>
    opTask("conv2d", { ...SIZES, OH: 6, OW: 6, ...sizes }, target);
  for (const other of [task({ KH: 3, KW: 3 }), task({ SH: 2, SW: 2 }), task({ OH: 1 })])
    expect(asOneRow(other)).toBe(other);
  const { storage, ...rest } = task({});
  for (const param of ["x", "r", "y"]) {
    const inside = { ...rest, storage: { ...storage, [param]: bordered(storage[param]) } };
    expect(asOneRow(inside)).toBe(inside);
  }
});

test("threads share the tiles of one row, and kernels tell the map's own sizes", () => {
  for (const order of ["pixels", "packed", "weights"]) {
    const kernel = compileTask(opTask("conv2d", { ...SIZES, OH: 9, OW: 9 }, target), target, {
      choices: { order },
    });
    expect(kernel.grid, order).toBeGreaterThan(4);
    expect(kernel.c).toContain("OH=9 OW=9");
  }
});
