import { describe, expect, test } from "vitest";
import { openBoard } from "../../../compiler/device/open-board.ts";
import { decidedPlan } from "../../../compiler/driver/decide/decided-plan.ts";
import { openDesk } from "../../../compiler/driver/queue/open-desk.ts";
import { readAnswer } from "../../../compiler/driver/queue/queue-answer.ts";
import {
  jobData,
  jobKey,
  LONGEST_JOB,
  type QueueJob,
  readJob,
} from "../../../compiler/driver/queue/queue-job.ts";
import { taskSpace } from "../../../compiler/driver/tune/task-space.ts";
import { loadTarget } from "../../../compiler/machine/load.ts";
import { defined } from "../../../compiler/support/assert.ts";
import { compilerBuild } from "../../../compiler/support/compiler-build.ts";
import { messageOf } from "../../support/message.ts";
import { convTask, depthwiseTask, PLACE, smallNetwork } from "../tune/layers.ts";
import { forever, planned, quiet, target } from "./desks.ts";

const task = depthwiseTask(planned);
const [reference] = [...firstPoints(1)];
const job: QueueJob = {
  ...{ build: compilerBuild(), place: PLACE, task, kernels: [reference], wanted: [0] },
  effort: { warmup: 0, repeats: 0 },
};
const data = jobData(job) as { readonly task: { readonly dims: Readonly<Record<string, unknown>> } };
type Data = Record<string, never>;
const changed = (change: (data: Data) => void): unknown => {
  const copy = JSON.parse(JSON.stringify(data)) as Data;
  change(copy);
  return copy;
};

function* firstPoints(count: number, of = task, on = planned.target) {
  const space = taskSpace(of, on);
  const points = space.points();
  for (let i = 0; i < count; i++) {
    const { value } = points.next();
    const made = value === undefined ? undefined : space.make(value);
    if (value === undefined || made === undefined) throw new Error("no such point");
    yield { schedule: value.schedule, knobs: { ...value.knobs }, kernel: made.kernel.name };
  }
}

describe("a job of a queue", () => {
  test("is what it was when it is read", () => {
    expect(readJob(JSON.parse(JSON.stringify(data)))).toEqual(job);
    const byPart = { ...job, effort: { ...job.effort, part: 1 / 8 } };
    expect(readJob(JSON.parse(JSON.stringify(jobData(byPart))))).toEqual(byPart);
    const inPlace = { ...job, task: { ...task, inPlace: "r", floats: "f16" as const } };
    expect(readJob(JSON.parse(JSON.stringify(jobData(inPlace))))).toEqual(inPlace);
  });

  test("is named by all that it is", () => {
    expect(jobKey(JSON.parse(JSON.stringify(data)))).toBe(jobKey(data));
    expect(jobKey(jobData({ ...job, effort: { warmup: 0, repeats: 1 } }))).not.toBe(jobKey(data));
  });

  test.each<[string, (data: Data) => unknown]>([
    ["nothing", () => null],
    ["text", () => "job"],
    ["more than a job", (d) => ({ ...d, command: "ls" })],
    ["a later version", (d) => ({ ...d, version: 2 })],
    ["kernels that it does not have", (d) => ({ ...d, wanted: [0, 1] })],
    ["a kernel twice", (d) => ({ ...d, wanted: [0, 0] })],
    ["more than the whole grid", (d) => ({ ...d, effort: { warmup: 0, repeats: 0, part: 2 } })],
    ["a long effort", (d) => ({ ...d, effort: { warmup: 0, repeats: 1e9 } })],
    ["text without end", (d) => ({ ...d, build: "x".repeat(LONGEST_JOB) })],
  ])("%s is none", (_, change) => {
    const read = readJob(change(JSON.parse(JSON.stringify(data)) as Data));
    expect(read).toMatch(/^(no job: |a job of \d+ characters, of at most )/);
  });

  test.each([
    [{ shape: [1, 32, 9, 10], lies: "0 1 2" }],
    [{ shape: [1, 32, 9, 10], lies: "0 1/4 2 3 1%5" }],
    [{ shape: [1, 32, 9, 10], lies: "0 1/4 2+9999999,0 3 1%4" }],
    [{ shape: [1, 2 ** 26, 9, 10], lies: "0 1 2 3" }],
    [{ shape: [1, -1, 9, 10], lies: "0 1 2 3" }],
    [{ shape: [1, 32, 9, 10], lies: "../../etc/passwd" }],
  ])("a tensor that lies nowhere is none: %j", (storage) => {
    const odd = changed((d) => Object.assign((d.task as { storage: object }).storage, { x: storage }));
    expect(readJob(odd)).toMatch(/^no job: /);
  });
});

describe("a desk", () => {
  test("does only what makes the same kernels there, and builds nothing else", async () => {
    const desk = await openDesk({ target, threads: 1, jobs: 1, signal: forever, notice: quiet });
    const why = async (change: (data: Data) => void) => {
      const answer = await desk.perform(changed(change), forever);
      return "why" in answer ? `${answer.kind}: ${answer.why}` : answer.kind;
    };
    const set = (to: object) => (d: Data) => void Object.assign(d, to);
    expect(await why(set({ build: "another" }))).toBe("refused: it is for another build of Tilewright");
    const elsewhere = { ...PLACE, made: "another" };
    expect(await why(set({ place: elsewhere }))).toBe("refused: it is for another board, core or C compiler");
    const odd = { ...reference, kernel: "conv2d_0123456789ab" };
    expect(await why(set({ kernels: [odd] }))).toBe(
      "refused: `conv2d_0123456789ab` is not what its point makes here",
    );
    const unknown = { ...reference, schedule: "__proto__" };
    expect(await why(set({ kernels: [unknown] }))).toBe("failed");
    const large = { ...data.task, dims: { ...data.task.dims, OC: 2 ** 20 } };
    expect(await why(set({ task: large }))).toBe(
      "refused: its tensor `y` has another shape than the operator's",
    );
    const sizes = { ...data.task, dims: { ...data.task.dims, OC: 0.5 } };
    expect(await why(set({ task: sizes }))).toMatch(/^refused: its (sizes|tensor)/);
    expect(await why(set({ task: { ...data.task, op: "constructor" } }))).toBe(
      "refused: its sizes are none of its operator",
    );
    expect(await why(set({ task: { ...data.task, floats: "f16" } }))).toBe(
      "refused: it is of f16, in which its target does not compute",
    );
    const deep = { ...data.task, storage: {}, dims: { ...data.task.dims, OC: 2 ** 20 } };
    expect(await why(set({ task: deep }))).toBe("refused: its tensors, or its multiply-adds, are too many");
    await desk.close();
  });
});

test("a desk performs jobs of f16", async () => {
  const halves = decidedPlan(smallNetwork(), loadTarget("qemu-rpi5"), { numerics: "f16" });
  const { runner } = await openBoard("qemu-rpi5");
  const on = { target: halves.target, runner, threads: 1, jobs: 1 };
  const desk = await openDesk({ ...on, signal: forever, notice: quiet });
  const half = convTask(halves, 1);
  const place = defined(desk.about.places[0], "a place");
  const kernels = [...firstPoints(2, half, halves.target)];
  const asked = { ...job, place, task: half, kernels, wanted: [0, 1] };
  const answer = await desk.perform(JSON.parse(JSON.stringify(jobData(asked))), forever);
  await desk.close();
  expect(half.floats).toBe("f16");
  expect(answer).toMatchObject({ kind: "told" });
  expect(readAnswer(answer, asked, place.kind).told.map(({ outcome }) => outcome.outcome)).toEqual([
    "ok",
    "ok",
  ]);
});

describe("an answer of a queue", () => {
  const told = (outcomes: readonly object[]) => ({
    ...{ version: 1, kind: "told", board: "attic", codes: ["a", null] },
    told: outcomes.map((outcome, kernel) => ({ kernel, outcome })),
  });
  const asked = { wanted: [0, 1], kernels: [reference, reference] };
  const fine = { outcome: "ok", cost: { kind: "modelled", cycles: 7 } };

  test("is read", () => {
    expect(
      readAnswer(told([fine, { outcome: "crashed", why: "signal 11" }]), asked, "modelled").told,
    ).toHaveLength(2);
  });

  const times = (ns: readonly number[], reference: readonly number[]) =>
    told([{ outcome: "ok", cost: { kind: "measured", ns, reference } }]);
  test.each([
    ["nothing", "modelled", null, "Invalid input"],
    ["nothing told", "modelled", told([]), "told"],
    [
      "costs below nothing",
      "modelled",
      told([{ outcome: "ok", cost: { kind: "modelled", cycles: -1 } }]),
      "cycles",
    ],
    ["times out of turn", "measured", times([1], [1, 2]), "its times are not in turns with the reference's"],
    ["no times", "measured", times([], []), "its times are not in turns with the reference's"],
    ["a board's times for a model", "modelled", times([1], [1]), "its costs are measured, and not modelled"],
    [
      "kernels nobody asked for",
      "modelled",
      told([fine, fine, fine]),
      "it tells of kernels that were not asked for",
    ],
  ] as const)("D198 %s is none", async (_, kind, value, why) => {
    const message = await messageOf(() => readAnswer(value, asked, kind));
    expect(message).toContain("error[D198]: what the queue holds as a worker's answer is none");
    expect(message).toContain(why);
  });

  test("D197 a worker that did not do it says why", async () => {
    const failed = { version: 1, kind: "failed", code: "D131", exit: "runFailed", title: "it crashed" };
    expect(await messageOf(() => readAnswer(failed, asked, "modelled"))).toBe(
      [
        "error[D197]: a worker of the queue did not do what was asked of it",
        "  why:   error[D131]: it crashed",
        "  help:  nothing that was logged is lost: the same command again goes on from there",
      ].join("\n"),
    );
  });
});
