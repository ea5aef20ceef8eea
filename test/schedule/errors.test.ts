import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { DType } from "../../compiler/ir/dtype.ts";
import { parseKernelText } from "../../compiler/language/parse-kernel.ts";
import { lower } from "../../compiler/lower/lower.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { Schedule } from "../../compiler/schedule/schedule.ts";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { machineOf } from "../../compiler/task/machine.ts";
import { messageOf } from "../support/message.ts";
import { kernelOf, matmul } from "./kernels.ts";
import { REFUSED } from "./refused.fixture.ts";

const mm = () => Schedule.of(matmul(6, 8, 5));
const target = loadTarget("qemu-rpi4");

const inLanes = (body: string, types: Readonly<Record<string, DType>>) =>
  Schedule.of(kernelOf(`for (const i of range(16)) { ${body} }`, { x: [16], y: [16] }, types)).vectorize("i");

/** What lowering says of schedules that are legal and still not possible. */
const NOT_LOWERED: typeof REFUSED = [
  [
    "L108",
    () => lower(inLanes("y[i] = f16(f32(x[i])) + x[i];", { x: "f16", y: "f16" }).proc, target),
    `error[L108]: \`add\` on f16x4 has no vector form in neon-v8
  why:   targets/isa/neon-v8.json has no row for it
  help:  leave the loop without \`vectorize\`: the C compiler may make vectors of it`,
  ],
  [
    "L109",
    () => lower(inLanes("y[i] = x[i] * x[i];", { x: "f16", y: "f16" }).proc, target),
    `error[L109]: \`mul\` on f16x8 needs \`fp16\`, which cortex-a72 lacks
  why:   neon-v8 has it for cores whose file in targets/cores names the feature \`fp16\`
  help:  compute in f32: f16(f32(a) * f32(b))
  help:  or leave the loop without \`vectorize\``,
  ],
  [
    "L110",
    () => lower(inLanes("y[i] = f32(x[i]);", { x: "f16" }).proc, loadTarget("qemu-rpi2")),
    `error[L110]: neon-v7 has no f16
  why:   targets/isa/neon-v7.json names no C type for it (\`halfType\`)
  help:  hold the numbers as f32, 4 bytes each, or compile for a 64-bit target`,
  ],
  [
    "L111",
    () => {
      const machine = machineOf(loadTarget("qemu-rpi5"));
      const body =
        "for (const i of range(4)) { for (const k of range(4)) { y[i] += i32(x[k][i]) * i32(w[k]); } }";
      const proc = kernelOf(body, { x: [4, 4], w: [4], y: [4] }, { x: "i8", w: "i8", y: "i32" });
      const s = Schedule.of(proc, { machine }).tensorize("i", "sdot_four");
      return lower(s.proc, loadTarget("qemu-rpi5"), undefined, machine);
    },
    `error[L111]: \`x\` does not lie as \`sdot_four\` takes its \`a\`
  why:   neighbouring iterations of \`i\` touch elements 1 apart, those of the instruction 4
  help:  pack \`x\`, so that its elements lie in the order of for (const i of range(4)) { for (const k of range(4)) { sum[i] += i32(a[4 * i + k]) * i32(b[k]); } }`,
  ],
  // elements that are taken together: in registers nothing says that they are, elsewhere they may lie apart
  ...(['const t = register([2, 2], "i8");', 'const t = stack([2, 8], "i8");'] as const).map(
    (local): (typeof REFUSED)[number] => [
      "L111",
      () => {
        const machine = machineOf(loadTarget("qemu-rpi4"));
        const product = (w: string, pair: number): string => `i32(${w}[2 * i + k]) * i32(t[${pair}][k])`;
        const body = `${local}
          for (const k0 of range(2)) { for (const k1 of range(2)) { t[k0][k1] = v[2 * k0 + k1]; } }
          for (const i of range(4)) { for (const k of range(2)) { y[i] += wrapI16(${product("a", 0)} + ${product("b", 1)}); } }`;
        const types = { a: "i8", b: "i8", v: "i8", y: "i32" } as const;
        const proc = kernelOf(body, { a: [8], b: [8], v: [4], y: [4] }, types);
        const s = Schedule.of(proc, { machine }).unroll("k0", "k1").tensorize("i", "smlal_two");
        return lower(s.proc, loadTarget("qemu-rpi4"), undefined, machine);
      },
      `error[L111]: \`t\` does not lie as \`smlal_two\` takes its \`x\`
  why:   elements that it takes together lie elsewhere
  help:  pack \`t\`, so that its elements lie in the order of for (const i of range(4)) { for (const k of range(2)) { sum[i] += wrapI16(i32(a[2 * i + k]) * i32(x[k]) + i32(b[2 * i + k]) * i32(x[2 + k])); } }`,
    ],
  ),
  [
    "L107",
    () =>
      lower(
        Schedule.of(kernelOf("for (const i of range(1e9)) { y[i] = x[i]; }", { x: [1e9], y: [1e9] })).unroll(
          "i",
        ).proc,
        target,
      ),
    `error[L107]: this kernel is too large once its loops are written out
  why:   unrolled and vector loops come to 1000000000 statements and registers, the limit is 20000
  help:  split the loop and unroll only the inner part
  help:  stage large buffers on the stack`,
  ],
  [
    "L101",
    () => lower(mm().stage("acc", "i").proc, target),
    `error[L101]: registers of \`acc\` are chosen by \`j\` at run time
  why:   a register has no address
  help:  unroll \`j\`, or stage \`acc\` on the stack`,
  ],
  [
    "L102",
    () =>
      lower(
        Schedule.of(
          kernelOf("for (const i of range(4)) { y[i][0] = x[i][0]; }", { x: [4, 3], y: [4, 3] }),
        ).vectorize("i").proc,
        target,
      ),
    `error[L102]: cannot load or store \`y\` along \`i\` as one vector
  why:   neighbouring iterations touch elements that are 3 elements apart
  help:  pack \`y\` so that \`i\` is its last dimension, or vectorize another loop`,
  ],
  [
    "L103",
    () =>
      lower(
        Schedule.of(
          kernelOf("for (const i of range(4)) { y[i] = i < 2 ? x[i] : 0; }", { x: [4], y: [4] }),
        ).vectorize("i").proc,
        target,
      ),
    `error[L103]: cannot vectorize \`i\`: a choice has no vector form
  why:   the instruction sets at hand have no such operation on vectors
  help:  fission \`i\` so that the rest can be vectorized`,
  ],
  [
    "L104",
    () =>
      lower(
        Schedule.of(
          kernelOf(
            `const t = register([8]);
             for (const i of range(8)) { t[i] = x[i]; }
             for (const j of range(4)) { y[j] = t[j + 2]; }`,
            { x: [8], y: [4] },
          ),
        )
          .vectorize("i")
          .vectorize("j").proc,
        target,
      ),
    `error[L104]: registers of \`t\` are not taken whole in the lanes of \`j\`
  why:   each holds 4 neighbours along dimension 0
  help:  vectorize every loop along \`t\` alike, or stage it on the stack`,
  ],
  [
    "L106",
    () =>
      lower(
        Schedule.of(
          kernelOf("for (const i of range(4)) { y[i] = float(Math.floor(i / 2)); }", { y: [4] }),
        ).vectorize("i").proc,
        target,
      ),
    `error[L106]: cannot vectorize \`i\`: \`float\` of an index has no vector form
  why:   its values in neighbouring iterations of \`i\` are not evenly spaced
  help:  vectorize another loop, or fission \`i\` so that the rest can be vectorized`,
  ],
  [
    "L106",
    () =>
      lower(
        Schedule.of(
          kernelOf("for (const i of range(4)) { y[i] = float(i + 20000000); }", { y: [4] }),
        ).vectorize("i").proc,
        target,
      ),
    `error[L106]: cannot vectorize \`i\`: \`float\` of an index has no vector form
  why:   it reaches beyond 2^24, where floats are no longer whole numbers one apart
  help:  vectorize another loop, or fission \`i\` so that the rest can be vectorized`,
  ],
  [
    "L104",
    () =>
      lower(
        Schedule.of(
          kernelOf(
            `const t = register([8]);
             for (const i of range(8)) { t[i] = x[i]; }
             for (const j of range(2)) { y[j] = t[j]; }`,
            { x: [8], y: [8] },
          ),
        )
          .vectorize("i")
          .unroll("j").proc,
        target,
      ),
    `error[L104]: registers of \`t\` are not taken whole outside a vector loop
  why:   each holds 4 neighbours along dimension 0
  help:  vectorize every loop along \`t\` alike, or stage it on the stack`,
  ],
];

describe("a refused step says what, why and what to do instead", () => {
  test.each([...REFUSED, ...NOT_LOWERED])("%s", async (_code, step, message) => {
    expect(await messageOf(step)).toBe(message);
  });
  test("kernels given as text report where", async () => {
    expect(await messageOf(() => parseKernelText("export function f(): void { y = 1; }", {}))).toContain(
      "error[K",
    );
  });
  test("every code of the schedule language has its message here", () => {
    const folder = join(PACKAGE_ROOT, "compiler", "schedule");
    const texts = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => readFileSync(join(folder, name), "utf8"));
    const codes = new Set(texts.flatMap((text) => text.match(/"S\d{3}"/g) ?? []).map((c) => c.slice(1, -1)));
    expect([...codes].filter((code) => !REFUSED.some(([known]) => known === code))).toEqual([]);
  });
});
