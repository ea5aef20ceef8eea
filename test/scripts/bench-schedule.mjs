// How long a schedule's checks and rewrites take, and `tilewright explain`: milliseconds; and how many candidates a second one core
// brings from decision to C: settings spread over the spaces of direct and pointwise layers (--lowering: that alone). Needs `make build`.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { opTask } from "../../dist/driver/decide/op-task.js";
import { taskSpace } from "../../dist/driver/tune/task-space.js";
import { parseKernel } from "../../dist/language/parse-kernel.js";
import { loadTarget } from "../../dist/machine/load.js";
import { Schedule } from "../../dist/schedule/schedule.js";
import { makeRng } from "../../dist/support/rng.js";

/** Of dense layers, and of those of few groups; the rest of the workloads are computed by other schedules. */
const LOWERED = ["direct", "pointwise"];
const SETTINGS = 24;
const ROUNDS = 6;
const SPARED = /^resnet34_(64|128|256)_g[148]$|mobilenetv1_G16_256|_pw$/;
const POINTWISE = { G: 1, OC: 512, IC: 512, OH: 14, OW: 14, KH: 1, KW: 1 };

/** Candidates a second of one core, and how many: made as a tune makes them, the default first, then any. */
function lowering() {
  const target = loadTarget("rpi4");
  const workloads = JSON.parse(
    readFileSync(join(import.meta.dirname, "..", "bench", "workloads.json"), "utf8"),
  );
  const dims = workloads
    .filter(({ name }) => SPARED.test(name))
    .map(({ groups, ic, oc, oh, ow, kh, kw }) => ({
      ...{ G: groups, OC: oc / groups, IC: ic / groups, OH: oh, OW: ow, KH: kh, KW: kw },
    }));
  const makers = [...dims, POINTWISE].flatMap((sizes) => {
    const space = taskSpace(opTask("conv2d", sizes, target), target);
    const rng = makeRng(1);
    const points = [];
    for (let draws = 0; points.length < SETTINGS && draws < 100 * SETTINGS; draws++) {
      const point = space.random(rng);
      if (LOWERED.includes(point?.schedule)) points.push(point);
    }
    space.make(space.points().next().value);
    return points.map((point) => () => space.make(point));
  });
  // others may be at work beside it: the quickest round counts
  let best = { made: 0, refused: 0, seconds: Number.POSITIVE_INFINITY };
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    const made = makers.filter((make) => make() !== undefined).length;
    const { user, system } = process.cpuUsage(before);
    const seconds = (user + system) / 1e6;
    if (seconds < best.seconds) best = { made, refused: makers.length - made, seconds };
  }
  return best;
}

const { made, refused, seconds } = lowering();
console.log(
  `${(made / seconds).toFixed(0)} candidates a second from decision to C: ${made} settings of direct and pointwise layers in ${seconds.toFixed(1)} s of one core, ${refused} refused`,
);
if (process.argv.includes("--lowering")) process.exit();

const dims = {
  N: 1,
  G: 16,
  OC: 16,
  IC: 16,
  OH: 56,
  OW: 56,
  IH: 58,
  IW: 58,
  KH: 3,
  KW: 3,
  SH: 1,
  SW: 1,
  DH: 1,
  DW: 1,
  BIAS: 1,
  RES: 1,
  LO: 0,
  HI: 6,
};
const file = join(import.meta.dirname, "..", "..", "compiler", "ops", "conv2d", "conv2d.kernel.ts");
const conv = parseKernel(file, "conv2d", dims);

/** Fifty steps of every kind that a tuner would take. */
function fifty() {
  return Schedule.of(conv)
    .pack("w", [
      { part: "whole", dim: 0 },
      { part: "outer", dim: 1, factor: 8 },
      { part: "whole", dim: 2 },
      { part: "whole", dim: 3 },
      { part: "whole", dim: 4 },
      { part: "inner", dim: 1, factor: 8 },
    ])
    .split("oc", 8, ["oco", "oct"])
    .split("oct", 4, ["ocv", "oci"])
    .reorder("n", "g", "oco", "oh", "ow", "ocv", "oci")
    .split("ow", 12, ["owo", "owi"], "cut")
    .stage("acc", "owo")
    .fission("owi", "ocv", "oci")
    .split("ic", 4, ["ico", "ici"])
    .reorder("ico", "kh", "kw", "ici", "owi", "ocv", "oci")
    .stage("x", { at: "g", as: "xs" })
    .pack(
      "xs",
      [0, 1, 2, 3, 4].map((dim) => ({ part: "whole", dim })),
    )
    .peel("oh", { head: 1, tail: 1 })
    .reorder("ici", "owi")
    .reorder("owi", "ici")
    .reorder("kh", "ico")
    .reorder("ico", "kh")
    .split("oco", 1, ["p0", "p1"])
    .fuse("p0", "p1", "ocb")
    .split("ocb", 2, ["q0", "q1"])
    .fuse("q0", "q1", "oco")
    .annotate("oco", "blocks of channels")
    .prefetch("w", "ico", 1)
    .interior("oh")
    .split("xs_3", 29, ["xr", "xc"])
    .fuse("xr", "xc", "xrow")
    .reorder("xs_2", "xrow")
    .reorder("xrow", "xs_2")
    .annotate("xrow", "rows of the copy")
    .annotate("owi", "columns of the tile")
    .split("kh", 1, ["k0", "k1"])
    .fuse("k0", "k1", "kr")
    .annotate("kr", "rows of the kernel")
    .split("ico", 2, ["r0", "r1"])
    .fuse("r0", "r1", "icb")
    .split("icb", 2, ["r0", "r1"])
    .fuse("r0", "r1", "ico")
    .split("xs_0", 1, ["s0", "s1"])
    .fuse("s0", "s1", "xn")
    .split("xs_2", 4, ["s0", "s1"])
    .reorder("s0", "s1")
    .unroll("s1")
    .annotate("xn", "one image")
    .unroll("owi", "ocv", "ici", "kw")
    .vectorize("oci")
    .parallel("n", "g");
}

const runs = 60;
const times = [];
let steps = 0;
for (let i = 0; i < runs; i++) {
  const began = performance.now();
  steps = fifty().trace.length;
  times.push(performance.now() - began);
}
const [first] = times;
times.sort((a, b) => a - b);
const median = times[runs >> 1];
console.log(
  `${steps} steps on a convolution: ${median.toFixed(1)} ms (median of ${runs}), ${first.toFixed(1)} ms the first time`,
);

const EXPLAIN_LIMIT_MS = 1000;
const explain = "explain conv2d --target rpi4 --dims N=1,G=16,OC=4,IC=4,OH=56,OW=56,KH=3,KW=3 --json".split(
  " ",
);
// A cache of its own: the first run finds nothing in it.
const cache = mkdtempSync(join(tmpdir(), "tilewright-bench-"));
const whole = [];
try {
  for (let i = 0; i < 11; i++) {
    const began = performance.now();
    const { status, stdout, stderr } = spawnSync(process.execPath, ["dist/cli/main.js", ...explain], {
      cwd: join(import.meta.dirname, "..", ".."),
      env: { ...process.env, TILEWRIGHT_CACHE: cache },
      encoding: "utf8",
    });
    whole.push(performance.now() - began);
    if (status !== 0) throw new Error(stderr);
    const { inner } = JSON.parse(stdout);
    if (i === 0 && inner.kind === "absent") console.log(`without the innermost loop's cycles: ${inner.why}`);
  }
} finally {
  rmSync(cache, { recursive: true, force: true });
}
const [cold, ...warm] = whole;
warm.sort((a, b) => a - b);
const typical = warm[warm.length >> 1];
const tooMuch = typical >= EXPLAIN_LIMIT_MS;
console.log(
  `explain of a convolution: ${typical.toFixed(0)} ms (median of ${warm.length}, ${warm[0].toFixed(0)} to ${warm.at(-1).toFixed(0)}), ${cold.toFixed(0)} ms with nothing cached; limit ${EXPLAIN_LIMIT_MS} ms${tooMuch ? "   TOO MUCH" : ""}`,
);
if (tooMuch) process.exitCode = 1;
