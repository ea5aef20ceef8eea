import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadModel } from "../../compiler/frontend/load-model.ts";
import { zooNetworks } from "../../compiler/frontend/zoo/index.ts";
import { tilewright } from "./command-line.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-zoo-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const shown = (text: string): string => text.replaceAll(folder, "DIR");

describe("zoo", () => {
  it("list describes the networks", async () => {
    const { code, out } = await tilewright("zoo", "list");
    expect(code).toBe(0);
    expect(out).toMatchSnapshot();
    const names = JSON.parse((await tilewright("zoo", "list", "--json")).out).map(
      ({ name }: { name: string }) => name,
    );
    expect(names).toEqual([...zooNetworks.keys()]);
  });

  it("export writes a file that reads back as the same network", async () => {
    const file = join(folder, "shufflenet.onnx");
    const { code, out, note } = await tilewright(
      "zoo",
      "export",
      "shufflenet-v1",
      "-o",
      file,
      "-g",
      "4",
      "--input-size",
      "32",
    );
    expect(code).toBe(0);
    expect(shown(`${out}\n${note}`)).toMatchSnapshot();
    const [read, built] = await Promise.all([loadModel(file), loadModel("zoo:shufflenet-v1-g4@32")]);
    expect(read.nodes.map((node) => node.op)).toEqual(built.nodes.map((node) => node.op));
  });

  it.each([
    ["unknown network", ["zoo", "export", "resnet35", "-o", "x"]],
    ["groups that do not divide", ["zoo", "export", "resnet34", "--g", "3", "-o", "x"]],
    [
      "a folder that is not there",
      ["zoo", "export", "shufflenet-v1", "--input-size", "32", "-o", join(folder, "no", "x.onnx")],
    ],
  ])("%s", async (_, argv) => {
    const { code, note } = await tilewright(...argv);
    expect(`${shown(note)}\nexit ${code}`).toMatchSnapshot();
  });

  it("supported-ops lists operators, one a line", async () => {
    const { out } = await tilewright("supported-ops");
    expect(out.split("\n")).toEqual(expect.arrayContaining(["Conv", "Gemm", "Softmax"]));
    expect(JSON.parse((await tilewright("supported-ops", "--json")).out)).toEqual(out.split("\n"));
  });
});
