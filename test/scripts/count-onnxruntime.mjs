// Executed instructions of ONNX Runtime's arm64 library on whole networks, one thread: the peer's figures in test/bench/peers.json.
//
//   node test/scripts/count-onnxruntime.mjs [MODEL ...]
//
// The library inside onnxruntime-node runs under qemu-user -cpu cortex-a72 through its C API. It reads /proc/cpuinfo to
// choose kernels, so it gets an Arm one. An inference is what a fourth run adds to three.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildCountingPlugin } from "../../dist/toolchain/qemu-plugin.js";
import { buildOrtRunner, findOrt, ortArguments } from "./bench/ort.mjs";
import { writeNetwork } from "./bench/write-network.mjs";

const CPU = "cortex-a72";
/** Where Debian keeps the libraries of its cross compiler. */
const LIBRARIES = "/usr/aarch64-linux-gnu/lib";
const CPUINFO = `processor\t: 0
Features\t: fp asimd evtstrm crc32 cpuid
CPU implementer\t: 0x41
CPU architecture: 8
CPU variant\t: 0x0
CPU part\t: 0xd08
CPU revision\t: 3

`;
const MODELS = [
  "zoo:mobilenet-v1",
  "zoo:resnext50",
  "zoo:mobilenet-v1-G4",
  "zoo:resnet34-g16",
  "zoo:shufflenet-v1",
];

const models = process.argv.length > 2 ? process.argv.slice(2) : MODELS;
const ort = findOrt("arm64");
if (ort === undefined) throw new Error("onnxruntime-node is not installed here");
const folder = mkdtempSync(join(tmpdir(), "tilewright-ort-"));
try {
  const sysroot = join(folder, "sysroot");
  mkdirSync(join(sysroot, "proc"), { recursive: true });
  writeFileSync(join(sysroot, "proc/cpuinfo"), CPUINFO);
  symlinkSync(LIBRARIES, join(sysroot, "lib"));
  const program = buildOrtRunner(folder, "aarch64-linux-gnu-gcc");
  const plugin = (await buildCountingPlugin("qemu-aarch64")).replaceAll(",", ",,");
  console.log(`ONNX Runtime ${ort.version}, arm64, -cpu ${CPU}, instructions of one inference`);
  for (const name of models) {
    const model = await writeNetwork(folder, name);
    const count = (runs) => {
      const out = join(folder, "count");
      const qemu = ["-L", sysroot, "-cpu", CPU, "-plugin", `${plugin},out=${out}`, program];
      execFileSync("qemu-aarch64", [...qemu, ...ortArguments(ort.library, model)], {
        input: `repeat ${runs}\n`,
      });
      return Number(readFileSync(out, "utf8"));
    };
    console.log(`${name}: ${count(4) - count(3)}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
