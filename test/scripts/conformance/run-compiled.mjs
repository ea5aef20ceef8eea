import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBoard } from "../../../dist/device/open-board.js";
import { writeBundle } from "../../../dist/driver/bundle/emit-bundle-write.js";
import { compileNetwork } from "../../../dist/driver/compile-network.js";
import { runNetwork } from "../../../dist/driver/run/run-network.js";
import { buildBundle, readMetadata } from "../../../dist/toolchain/compile-bundle.js";
import { difference } from "./judge.mjs";
import { verdict } from "./run-reference.mjs";

/** Tests in one program. */
const TOGETHER = 40;
const META = { modelSha256: "0".repeat(64) };
/** Quick to build; and a program has the ports of all its tests. */
const FLAGS = ["-O1", "-DTW_MAX_PORTS=1024"];

/** Compiles tests and runs them on a board; what a program does not survive is halved until one test is left. */
export async function judgeCompiled(imported, board, onDone) {
  const opened = await openBoard(board);
  const verdicts = [];
  try {
    for (let i = 0; i < imported.length; i += TOGETHER) {
      verdicts.push(...(await judgeTogether(imported.slice(i, i + TOGETHER), opened)));
      onDone(verdicts.length);
    }
  } finally {
    await opened.runner.close();
  }
  return verdicts;
}

async function judgeTogether(tests, board) {
  try {
    return await runTogether(tests, board);
  } catch (error) {
    if (tests.length === 1) return [{ outcome: "crashed", why: String(error?.stack ?? error) }];
    const half = tests.length >> 1;
    return [
      ...(await judgeTogether(tests.slice(0, half), board)),
      ...(await judgeTogether(tests.slice(half), board)),
    ];
  }
}

async function runTogether(tests, { runner, target }) {
  const folder = await mkdtemp(join(tmpdir(), "tilewright-conformance-"));
  try {
    const { files } = await compileNetwork(joinGraphs(tests.map(({ graph }) => graph)), target, {
      meta: META,
    });
    const metadata = JSON.parse(files.get("metadata.json"));
    const cheap = JSON.stringify({ ...metadata, cflags: [...metadata.cflags, ...FLAGS] });
    await writeBundle(new Map(files).set("metadata.json", cheap), folder);
    const { program } = await buildBundle(folder, target);
    const given = tests.flatMap(({ graph, feeds }, i) =>
      graph.inputs.map((name) => [
        renamed(i, name),
        { shape: graph.tensors.get(name).shape, data: feeds[name] },
      ]),
    );
    const built = { program, metadata: await readMetadata(folder) };
    const limits = { threads: 1, timeoutSeconds: 300 };
    const { outputs } = await runNetwork(built, runner, new Map(given), limits);
    return tests.map((test, i) => verdict(difference(test, (name) => outputs.get(renamed(i, name))?.data)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const renamed = (i, name) => `t${i}/${name}`;

/** Graphs that share nothing, as one. */
function joinGraphs(graphs) {
  const each = graphs.map(({ inputs, outputs, nodes, tensors }, i) => {
    const rename = (name) => renamed(i, name);
    return {
      inputs: inputs.map(rename),
      outputs: outputs.map(rename),
      nodes: nodes.map((node) => ({
        ...node,
        name: rename(node.name),
        inputs: node.inputs.map(rename),
        output: rename(node.output),
      })),
      tensors: [...tensors].map(([key, tensor]) => [rename(key), { ...tensor, name: rename(tensor.name) }]),
    };
  });
  return {
    name: "conformance",
    inputs: each.flatMap(({ inputs }) => inputs),
    outputs: each.flatMap(({ outputs }) => outputs),
    nodes: each.flatMap(({ nodes }) => nodes),
    tensors: new Map(each.flatMap(({ tensors }) => tensors)),
  };
}
