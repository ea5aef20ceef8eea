import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tilewright } from "../cli/command-line.ts";
import { LONG } from "../support/amount.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const folder = temporaryFolder("networks");
/** Groups and shuffles every day; at full size, with others and on more boards, by the suite of `make test-networks`. */
const MODELS = LONG
  ? ["zoo:mobilenet-v1-G4@64", "zoo:shufflenet-v1@64", "zoo:resnext50@64"]
  : ["zoo:mobilenet-v1-G4@32", "zoo:shufflenet-v1@32"];

test("networks of the zoo agree with ONNX Runtime", async () => {
  const suite = join(folder, "networks.json");
  const conditions = { boards: ["qemu-rpi4"], inputs: ["random"], threads: [2], references: ["onnxruntime"] };
  writeFileSync(suite, JSON.stringify({ ...conditions, cases: MODELS.map((model) => ({ model })) }));
  const { code, out, note } = await tilewright("test", suite);
  expect(code, note).toBe(0);
  expect(out).toContain(`: ${MODELS.length} right, 0 wrong, 0 errors; ${MODELS.length} checks`);
}, 900_000);
