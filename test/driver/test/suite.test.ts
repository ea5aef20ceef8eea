import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { isSuite, readSuite } from "../../../compiler/driver/test/read-suite.ts";
import { suiteJsonSchema } from "../../../compiler/driver/test/suite-json-schema.ts";
import { suiteOf, testCases, withConditions } from "../../../compiler/driver/test/test-cases.ts";
import { messageOf } from "../../device/message-of.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-suite-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const FULL = `
boards: [host, qemu-rpi4]
inputs: [random, {files: [x.npy]}]
cases:
  - model: zoo:mobilenet-v1@64
  - model: net.onnx
    name: mine
    boards: [pi@10.0.0.5]
    target: rpi4
    references: [onnxruntime, {golden: want.npz}]
  - layer: {ic: 8, oc: 8, ih: 9, iw: 9, kh: 3, kw: 3, pad: 1, groups: 2}
    threads: [2]
  - layers: table.json
    measure: [cycles]
  - kernel: my.kernel.ts
    schedule: my.schedule.ts
    sizes: {N: 64}
`;

describe("a suite", () => {
  test("is a list of cases, each on each of its boards, under its own conditions or the suite's", async () => {
    file("table.json", JSON.stringify([{ name: "a", ic: 4, oc: 4, ih: 5, iw: 5, oh: 5, ow: 5, macs: 400 }]));
    const cases = await testCases(await readSuite(file("full.yaml", FULL)));
    expect(cases.map(({ name }) => name)).toEqual([
      "zoo:mobilenet-v1@64 on host",
      "zoo:mobilenet-v1@64 on qemu-rpi4",
      "mine on pi@10.0.0.5",
      "conv3x3_8_8_9x9_g2 on host",
      "conv3x3_8_8_9x9_g2 on qemu-rpi4",
      "a on host",
      "a on qemu-rpi4",
      "my.kernel.ts my.schedule.ts on host",
      "my.kernel.ts my.schedule.ts on qemu-rpi4",
    ]);
    const [zoo, , mine, layer, , row] = cases;
    expect(zoo).toMatchObject({
      threads: [1, 4],
      inputs: ["random", { files: [join(folder, "x.npy")] }],
      tolerance: 1,
    });
    expect(mine).toMatchObject({
      subject: { model: join(folder, "net.onnx"), shown: "net.onnx" },
      target: "rpi4",
      references: ["onnxruntime", { golden: join(folder, "want.npz") }],
    });
    expect(layer).toMatchObject({ threads: [2], measure: [], subject: { layer: { bias: true, stride: 1 } } });
    expect(row.measure).toEqual(["cycles"]);
  });

  test("of one model, and one whose conditions the command line changes", async () => {
    const [only, ...rest] = await testCases(suiteOf("m.onnx", { threads: [3] }, { inputShapes: [] }));
    expect(rest).toEqual([]);
    expect(only).toMatchObject({ name: "m.onnx on host", threads: [3], inputs: ["random", "ones", "ramp"] });
    const read = await readSuite(
      file("small.json", '{"cases": [{"model": "zoo:resnet18", "boards": ["host"]}]}'),
    );
    const [changed] = await testCases(withConditions(read, { boards: ["qemu-rpi5"] }));
    expect(changed.name).toBe("zoo:resnet18 on qemu-rpi5");
  });

  test("says how a model is read as the command line does", async () => {
    const frames = { bytes: true, layout: "nhwc", order: "bgr", size: [48, 64] } as const;
    const reading = {
      inputShapes: ["x:1,3,24,32"],
      inputValues: ["sr=16000"],
      frames: { ...frames, mean: [127.5], scale: [0.5, 1, 2] },
      topK: 3,
    };
    const [{ subject }] = await testCases(suiteOf("m.onnx", {}, reading));
    expect(subject).toMatchObject({ reading });
    const text = '{"cases": [{"model": "m.onnx", "frames": {"u8": true, "mean": 127.5}, "topK": 3}]}';
    const [written] = await testCases(await readSuite(file("frames.json", text)));
    expect(written.subject).toMatchObject({
      reading: {
        inputShapes: [],
        frames: { ...frames, layout: "nchw", order: "rgb", size: undefined, mean: [127.5], scale: [1] },
        topK: 3,
      },
    });
  });

  test("is told from a model by its name", () => {
    expect(["a.yaml", "b.YML", "c.json", "d.onnx", "zoo:x"].map(isSuite)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  test("has a schema for editors, with what is said of each field", () => {
    const schema = JSON.stringify(suiteJsonSchema());
    expect(schema).toContain("https://json-schema.org/draft/2020-12/schema");
    for (const word of ["boards", "inputShape", "an ONNX or TensorFlow Lite file, or zoo:NAME"])
      expect(schema).toContain(word);
  });
});

describe("mistakes in a suite", () => {
  const told = (text: string) => {
    const path = file("wrong.yaml", text);
    const read = readSuite(path).then(testCases);
    return messageOf(read).then((message) => message.replaceAll(path, "SUITE"));
  };
  const schema = "  help:  `tilewright test --schema` prints what a suite may hold, for editors too";
  const noSuite = (why: string): string =>
    ["error[C362]: `SUITE` is no suite of tests", `  why:   ${why}`, schema].join("\n");

  test.each([
    ["cases:\n  - layr: {ic: 3}\n", "cases.0: there is no `layr`; did you mean `layer`?"],
    [
      "cases:\n  - model: x.onnx\n    board: [host]\n",
      "cases.0: there is no `board`; did you mean `boards`?",
    ],
    ["cases: []\n", "cases: Too small: expected array to have >=1 items"],
    ["threads: [0]\ncases:\n  - model: x\n", "threads.0: Too small: expected number to be >=1"],
    ["cases:\n  - layer: {ic: 3}\n", "cases.0.layer.oc: Invalid input: expected number, received undefined"],
    ["case: 3\n", "cases: Invalid input: expected array, received undefined"],
    [
      "cases: [",
      "Flow sequence in block collection must be sufficiently indented and end with a ] at line 1, column 9:",
    ],
  ])("C362: %j", async (text, why) => {
    expect(await told(text)).toBe(noSuite(why));
  });

  test("C361: a file that is not there", async () => {
    const path = join(folder, "missing.yaml");
    expect(await messageOf(readSuite(path))).toBe(
      `error[C361]: the suite \`${path}\` cannot be read\n  why:   ENOENT: no such file or directory, open '${path}'`,
    );
  });

  test("C363: two cases of one name", async () => {
    expect(await told("cases:\n  - model: zoo:resnet18\n  - model: zoo:resnet18\n")).toBe(
      [
        "error[C363]: the suite has two cases `zoo:resnet18 on host`",
        "  why:   results are compared by the names of their cases",
        "  help:  give one of them another `name`",
      ].join("\n"),
    );
  });

  test.each([
    ["ic: 3, oc: 4, ih: 3, iw: 3, groups: 2", "3 input channels are not shared out evenly among 2 groups"],
    ["ic: 4, oc: 3, ih: 3, iw: 3, groups: 2", "3 output channels are not shared out evenly among 2 groups"],
    ["ic: 4, oc: 4, ih: 3, iw: 9, kh: 5, kw: 5", "a kernel that spans 5 rows does not fit into 3"],
    [
      "ic: 4, oc: 4, ih: 9, iw: 3, kh: 3, kw: 3, dilation: 2",
      "a kernel that spans 5 columns does not fit into 3",
    ],
    ["ic: 4, oc: 4, ih: 9, iw: 9, oh: 8", "its output has 9 rows, not 8"],
    [
      "ic: 1048576, oc: 1048576, ih: 1, iw: 1",
      "its tensors have 1099513724928 numbers, the limit is 134217728",
    ],
    [
      "ic: 1024, oc: 1024, ih: 256, iw: 256, kh: 3, kw: 3, groups: 2, pad: 1",
      "its tensors have 138936320 numbers, the limit is 134217728",
    ],
    [
      "ic: 512, oc: 512, ih: 128, iw: 128, kh: 7, kw: 7, pad: 3",
      "it takes 210453397504 multiply-adds, the limit is 17179869184",
    ],
  ])("C364: a layer that cannot be: %s", async (sizes, why) => {
    expect(await told(`cases:\n  - layer: {${sizes}, name: odd}\n`)).toBe(
      `error[C364]: there is no layer \`odd\`\n  why:   ${why}`,
    );
  });
});
