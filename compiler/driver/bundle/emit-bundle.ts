import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { BundleMetadata } from "../../artifact/bundle.ts";
import type { Kernel } from "../../artifact/kernel.ts";
import { commentText } from "../../codegen/c-text.ts";
import { render } from "../../codegen/templates.ts";
import type { MakefileView } from "../../codegen/views.ts";
import type { Plan } from "../../graph/plan.ts";
import { memoryOf } from "../../ir/port-type.ts";
import type { Target } from "../../machine/target.schema.ts";
import { invariant } from "../../support/assert.ts";
import { PACKAGE_ROOT } from "../../support/paths.ts";
import { cameraView } from "./emit-bundle-camera.ts";
import { compilerViews } from "./emit-bundle-compilers.ts";
import { bundleMetadata, metadataText } from "./emit-bundle-metadata.ts";
import { type BundleNames, type NamedPort, nameBundle } from "./emit-bundle-names.ts";
import { type BundleParts, headerView, readmeView, sourceView } from "./emit-bundle-views.ts";
import { packWeights, WEIGHTS_ALIGN } from "./emit-bundle-weights.ts";
import type { FileContents } from "./large-file.ts";

/** What a bundle says of its origin, and results it may be checked with on the board itself. */
export interface BundleMeta {
  /** Hex sha256 of the model file. */
  readonly modelSha256: string;
  /** Names of the classes of its scores. */
  readonly labels?: readonly string[];
  /** Inputs and the outputs expected for them, in the plan's order, row-major. */
  readonly golden?: {
    readonly inputs: readonly Float32Array[];
    readonly outputs: readonly Float32Array[];
    /** Largest absolute difference that `make check` allows in each output. */
    readonly tolerances: readonly number[];
  };
}

/** Files of a bundle: path inside it, contents. */
export type BundleFiles = ReadonlyMap<string, FileContents>;

/** Folder of the kernels: each file is named after its one function. */
const KERNELS = "src/kernels/";
const RUNTIME_LIBRARY = ["tw_network.c", "tw_pool.c", "tw_clock.c", "tw_compare.c", "tw_whole.c"];
const RUNTIME_PROGRAM = [
  "tw_runner.c",
  "tw_options.c",
  "tw_session.c",
  "tw_cores.c",
  "tw_beside.c",
  "tw_files.c",
  "tw_run.c",
  "tw_bench.c",
  "tw_bursts.c",
  "tw_turns.c",
  "tw_race.c",
];
const RUNTIME_HEADERS = ["tilewright.h", "tw_names.h", "tw_pool.h", "tw_runner.h"];

/**
 * Prints a planned network and its kernels (one per step, a kernel may serve many) as a folder that
 * builds with nothing but a C compiler. Same input, same bytes.
 */
export function emitBundle(
  plan: Plan,
  kernels: readonly Kernel[],
  target: Target,
  meta: BundleMeta,
): BundleFiles {
  invariant(kernels.length === plan.steps.length, `${kernels.length} kernels, ${plan.steps.length} steps`);
  const names = nameBundle(plan);
  const weights = packWeights(plan, kernels);
  const parts: BundleParts = { plan, kernels, target, names, weights, labels: meta.labels ?? [] };
  const { net } = names;

  const files = new Map<string, FileContents>();
  files.set(`include/${net}.h`, render("network.h", headerView(parts)));
  files.set(`src/${net}.c`, render("network.c", sourceView(parts)));
  files.set(
    `src/${net}_weights.S`,
    render("weights.S", { net, weightBytes: weights.file.byteLength, align: WEIGHTS_ALIGN }),
  );
  files.set(`src/${net}_main.c`, render("main.c", { net }));
  files.set(`src/${net}.map`, render("library.map", { net, labelled: parts.labels.length > 0 }));
  files.set("README.md", render("README.md", readmeView(parts)));
  const camera = cameraView(parts);
  if (camera !== undefined) {
    for (const kind of ["cpp", "py"] as const)
      files.set(`examples/${net}_camera.${kind}`, render(`camera.${kind}`, camera));
  }
  const distinct = distinctKernels(kernels);
  for (const kernel of distinct) files.set(kernelFile(kernel), kernel.c);
  for (const name of [...RUNTIME_LIBRARY, ...RUNTIME_PROGRAM, ...RUNTIME_HEADERS]) {
    files.set(`runtime/${name}`, readFileSync(join(PACKAGE_ROOT, "runtime-c", name), "utf8"));
  }
  files.set(`weights/${net}.bin`, weights.file);
  const golden = addGolden(files, names, meta);

  const metadata = bundleMetadata(parts, meta.modelSha256, sourceList(net, distinct));
  const makefile = makefileView(metadata, names, target, golden);
  files.set("Makefile", render("Makefile", makefile));
  files.set(
    "CMakeLists.txt",
    render("CMakeLists.txt", { ...makefile, cmakeFlags: metadata.cflags.join(" ") }),
  );
  files.set("metadata.json", metadataText(metadata));
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Where a kernel's C lies in a bundle. */
export function kernelFile(kernel: Pick<Kernel, "name">): string {
  return `${KERNELS}${kernel.name}.c`;
}

/** Kernels by first use; a name stands for one content. */
function distinctKernels(kernels: readonly Kernel[]): Kernel[] {
  const byName = new Map<string, Kernel>();
  for (const kernel of kernels) {
    const known = byName.get(kernel.name);
    invariant(known === undefined || known.c === kernel.c, `two kernels are named ${kernel.name}`);
    byName.set(kernel.name, kernel);
  }
  return [...byName.values()];
}

/** Library first; the last files make the program. */
function sourceList(net: string, kernels: readonly Kernel[]): BundleMetadata["sources"] {
  const plain = (file: string) => ({ file, cflags: [] });
  return [
    plain(`src/${net}.c`),
    plain(`src/${net}_weights.S`),
    ...kernels.map(({ intents, cflags, ...kernel }) => ({
      file: kernelFile(kernel),
      ...(intents.length === 0 ? {} : { intents: [...intents] }),
      cflags: [...cflags],
    })),
    ...RUNTIME_LIBRARY.map((name) => plain(`runtime/${name}`)),
    plain(`src/${net}_main.c`),
    ...RUNTIME_PROGRAM.map((name) => plain(`runtime/${name}`)),
  ];
}

function otherCompiler({ board }: Target): string {
  return board.triple === undefined
    ? "With another compiler: make CC=clang"
    : `From another machine: make CC=${commentText(board.triple)}-gcc LDFLAGS=-static, or with clang
#                       make CC="clang --target=${commentText(board.triple)}" LDFLAGS=-static`;
}

interface GoldenFiles {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly tolerances: readonly number[];
}

function addGolden(
  files: Map<string, FileContents>,
  names: BundleNames,
  { golden }: BundleMeta,
): GoldenFiles | undefined {
  if (golden === undefined) return undefined;
  const ports = [...names.inputs, ...names.outputs];
  const add = (port: NamedPort, i: number, data: Float32Array): string => {
    const path = goldenPath(port, i, ports);
    files.set(path, memoryOf(port.dtype, data));
    return path;
  };
  return {
    inputs: names.inputs.map((port, i) => add(port, i, golden.inputs[i])),
    outputs: names.outputs.map((port, i) => add(port, i, golden.outputs[i])),
    tolerances: golden.tolerances,
  };
}

/** Named after the tensor, where no other has that name in a file system that knows no capitals. */
function goldenPath({ direction, arg }: NamedPort, i: number, ports: readonly NamedPort[]): string {
  const alike = ports.filter((p) => p.arg.toLowerCase() === arg.toLowerCase());
  return `golden/${direction}_${alike.length > 1 ? i : arg}.bin`;
}

function makefileView(
  metadata: BundleMetadata,
  { net }: BundleNames,
  target: Target,
  golden: GoldenFiles | undefined,
): MakefileView {
  const files = metadata.sources.map((source) => source.file);
  const split = files.indexOf(`src/${net}_main.c`);
  return {
    net,
    version: metadata.tilewright,
    target: commentText(target.name),
    otherCompiler: otherCompiler(target),
    cflags: metadata.cflags.join(" "),
    librarySources: files.slice(0, split),
    programSources: files.slice(split),
    ...compilerViews(metadata, KERNELS),
    golden: golden !== undefined,
    goldenInputs: golden?.inputs.join(",") ?? "",
    goldenOutputs: golden?.outputs.join(",") ?? "",
    tolerances: golden?.tolerances.map((t) => t.toPrecision(3)).join(",") ?? "",
  };
}
