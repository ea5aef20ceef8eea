import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { UserError } from "../../../support/diagnostic.ts";
import { runProgram } from "../../../toolchain/run-program.ts";
import type { BuiltNetwork } from "../../build-network.ts";
import type { NetworkProgram } from "../../run/network-program.ts";
import { bundleProgram } from "../../turns/bundle-program.ts";
import type { TestCase } from "../test-cases.ts";

/** The program of a bundle that was compiled before, of the same model for the same target. Throws B108 and R188. */
export async function earlierBundle(folder: string, { metadata }: BuiltNetwork): Promise<NetworkProgram> {
  const { built, ...other } = await bundleProgram(folder);
  if (!built) {
    const why = `it holds no built program (build/${other.metadata.program})`;
    throw unfit(folder, why, "build it with its Makefile");
  }
  if (other.metadata.modelSha256 !== metadata.modelSha256)
    throw unfit(folder, "it was compiled from another model", "compile both from one model");
  return sameNetwork(folder, other, metadata);
}

/** What another version of Tilewright is asked to compile. */
export interface OtherVersion {
  readonly test: Pick<TestCase, "numerics">;
  /** The model's ONNX file. */
  readonly model: string;
  readonly built: BuiltNetwork;
  /** Folder for what it makes. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/**
 * The same network as another version of Tilewright compiles it: of a checkout that was built, or an installed package. Throws R188
 * and R189.
 */
export async function otherVersion(
  root: string,
  { test, model, built, folder, signal }: OtherVersion,
): Promise<NetworkProgram> {
  const main = resolve(root, "dist/cli/main.js");
  const isThere = await stat(main).then(
    () => true,
    () => false,
  );
  if (!isThere) throw failed(root, `there is no ${main}`, "`make build` in a checkout makes it");
  const bundle = join(folder, "bundle");
  const numerics = test.numerics === "fast" ? [] : ["--numerics", test.numerics];
  const args = ["compile", model, "--target", built.target.name, "-o", bundle, ...numerics, "--json"];
  const ended = await runProgram(process.execPath, [main, ...args], { signal });
  signal.throwIfAborted();
  if (ended.failed) throw failed(root, `${ended.stderr.trim()}\n${ended.why}`.trim());
  const { built: _, ...other } = await bundleProgram(bundle);
  return sameNetwork(root, other, built.metadata);
}

type Metadata = NetworkProgram["metadata"];

/** Throws R188 for a program of other inputs or outputs, or for another target. */
function sameNetwork(where: string, other: NetworkProgram, metadata: Metadata): NetworkProgram {
  const { target } = other.metadata;
  if (target !== metadata.target) {
    const why = `it was compiled for ${target}, and the case for ${metadata.target}`;
    throw unfit(where, why, `give another board, or --target ${target}`);
  }
  for (const side of ["inputs", "outputs"] as const) {
    const [theirs, ours] = [portsText(other.metadata[side]), portsText(metadata[side])];
    if (theirs !== ours) throw unfit(where, `its ${side} are ${theirs}, the case's ${ours}`);
  }
  return other;
}

function portsText(ports: Metadata["inputs"]): string {
  return ports
    .map(({ name, shape, dtype = "f32" }) => `${name} [${shape.join(", ")}] of ${dtype}`)
    .join(", ");
}

function unfit(where: string, why: string, help?: string): UserError {
  const title = `\`${where}\` is no reference for this case`;
  return new UserError({
    code: "R188",
    exit: "badInput",
    title,
    why,
    ...(help !== undefined && { help: [help] }),
  });
}

function failed(where: string, why: string, help?: string): UserError {
  const title = `the Tilewright in \`${where}\` compiles no reference`;
  return new UserError({
    code: "R189",
    exit: "badInput",
    title,
    why,
    ...(help !== undefined && { help: [help] }),
  });
}
