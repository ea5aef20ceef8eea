import { describe, expect, it } from "vitest";
import type { Job, JobResult, Runner } from "../../compiler/device/runner.ts";
import { benchNetwork } from "../../compiler/driver/run/bench-network.ts";
import type { NetworkProgram } from "../../compiler/driver/run/network-program.ts";
import { runNetwork } from "../../compiler/driver/run/run-network.ts";
import { summarise } from "../../compiler/driver/run/statistics.ts";
import { InternalError } from "../../compiler/support/diagnostic.ts";
import { messageOf } from "../support/message.ts";

const layer = (name: string, macs: number) => ({
  name,
  op: "conv2d",
  kernel: "k",
  schedule: "direct",
  choice: "",
  macs,
  grid: 1,
  scratchBytes: 0,
});
const network: NetworkProgram = {
  program: "/tmp/net",
  metadata: {
    version: 1,
    tilewright: "0.1.0",
    name: "net",
    program: "net",
    target: "host",
    isa: "portable",
    modelSha256: "",
    arenaBytes: 64,
    weightBytes: 0,
    inputs: [{ name: "x", shape: [1, 3] }],
    outputs: [{ name: "y/../z", shape: [1, 2] }],
    cflags: [],
    sources: [],
    layers: [layer("a", 1000), layer("b", 0)],
  },
};

/** A board that answers as told, and keeps the job. */
function board(answer: Partial<JobResult>, jobs: Job[] = []): Runner {
  return {
    board: "fake",
    timing: "emulated",
    run: async (job) => {
      jobs.push(job);
      return { stdout: "", stderr: "", exitCode: 0, files: new Map(), ...answer };
    },
    readState: async () => ({ model: "Fake 1", coreStates: [], zones: [] }),
    close: async () => undefined,
  };
}
/** As sockets and files deliver them: somewhere in a larger buffer. */
const floats = (...values: number[]): Uint8Array =>
  Buffer.concat([Buffer.alloc(1), Buffer.from(Float32Array.from(values).buffer), Buffer.alloc(3)]).subarray(
    1,
    -3,
  );
const input = (shape: number[]) =>
  new Map([["x", { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) }]]);
const options = { threads: 2, timeoutSeconds: 9 };

describe("running a network", () => {
  it("hands over the inputs and brings the outputs back by name", async () => {
    const jobs: Job[] = [];
    const answer = {
      stdout: '{"kind":"program","protocol":1}\n{"kind":"run","ns":42}\n',
      files: new Map([["output0.bin", floats(1, 2)]]),
    };
    const result = await runNetwork(network, board(answer, jobs), input([1, 3]), options);
    expect(result).toEqual({
      samples: 1,
      ns: 42,
      outputs: new Map([["y/../z", { shape: [1, 2], data: Float32Array.of(1, 2) }]]),
    });
    expect(jobs[0]?.args.join(" ")).toBe(
      "run --inputs input0.bin --outputs output0.bin --samples 1 --threads 2",
    );
  });

  it("takes several samples in the first dimension", async () => {
    const answer = {
      stdout: '{"kind":"run","ns":42}\n',
      files: new Map([["output0.bin", floats(1, 2, 3, 4)]]),
    };
    const result = await runNetwork(network, board(answer), input([2, 3]), options);
    expect(result.samples).toBe(2);
    expect(result.outputs.get("y/../z")?.shape).toEqual([2, 2]);
  });

  it("says which input is missing, unknown or of the wrong shape", async () => {
    const run = (inputs: Map<string, { shape: number[]; data: Float32Array }>) =>
      messageOf(() => runNetwork(network, board({}), inputs, options));
    expect(await run(new Map())).toMatchInlineSnapshot(`
      "error[R111]: the network's input \`x\` is not given
        why:   its inputs: x [1, 3]
        help:  --input NAME=FILE gives one input, --input FILE.npz all of them by name"
    `);
    expect(await run(input([1, 4]))).toMatchInlineSnapshot(`
      "error[R111]: input \`x\` has shape [1, 4], the network takes [1, 3]
        help:  --input NAME=FILE gives one input, --input FILE.npz all of them by name"
    `);
    expect(
      await run(new Map([...input([1, 3]), ["z", { shape: [1], data: new Float32Array(1) }]])),
    ).toMatchInlineSnapshot(`
      "error[R111]: the network has no input \`z\`
        why:   its inputs: x [1, 3]
        help:  --input NAME=FILE gives one input, --input FILE.npz all of them by name"
    `);
  });

  it("says how the program ended", async () => {
    const run = (answer: Partial<JobResult>) =>
      messageOf(() => runNetwork(network, board(answer), input([1, 3]), options));
    expect(await run({ exitCode: 5, stderr: "error: no memory\n" })).toMatchInlineSnapshot(`
      "error[R101]: the compiled network ended with exit code 5 on \`fake\`
        why:   error: no memory"
    `);
    expect(await run({ stdout: "Welcome to the board!\n" })).toMatchInlineSnapshot(`
      "error[R102]: the compiled network printed something unexpected on \`fake\`
        why:   Welcome to the board!
        help:  a login message printed for commands too? Shells started by ssh must print nothing of their own"
    `);
    expect(
      await run({ stdout: '{"kind":"program","protocol":2,"more":1}\n{"kind":"sum"}\n' }),
    ).toMatchInlineSnapshot(`
      "error[R103]: the compiled network on \`fake\` was made by a newer Tilewright
        why:   it prints lines of version 2, this one reads version 1
        help:  compile it anew with this one"
    `);
    await expect(
      runNetwork(network, board({ exitCode: 6, stderr: "arena" }), input([1, 3]), options),
    ).rejects.toThrow(InternalError);
  });
});

describe("timing a network", () => {
  it("gives medians, throughput, shares and the gap, and keeps the raw times", async () => {
    const stdout =
      '{"kind":"network","ns":[300,100,200]}\n{"kind":"layer","index":0,"ns":[100,100,400]}\n{"kind":"layer","index":1,"ns":[60]}\n';
    const report = await benchNetwork(network, board({ stdout }), { warmup: 1, repeats: 3, ...options });
    expect(report).toMatchObject({
      timing: "emulated",
      macs: 1000,
      layerSum: 160,
      gap: 40,
      after: { model: "Fake 1" },
    });
    expect(report.whole).toEqual({ median: 200, iqr: 100, min: 100, max: 300, ns: [300, 100, 200] });
    expect(report.layers.map(({ name, gflops, share }) => [name, gflops, share])).toEqual([
      ["a", 20, 0.625],
      ["b", undefined, 0.375],
    ]);
  });

  it("uses quartiles of what was measured", () => {
    expect(summarise([4, 1, 3, 2, 100])).toMatchObject({ median: 3, iqr: 2, min: 1, max: 100 });
  });
});
