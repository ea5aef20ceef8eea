import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readNpyDoubles, readNpzDoubles, writePortNpy } from "../../frontend/npy.ts";
import { doublesIn, portBytes } from "../../ir/port-type.ts";
import { UserError } from "../../support/diagnostic.ts";
import { fileName } from "../../support/text.ts";
import { checkHeld, type InputPort } from "./held-values.ts";
import type { Values } from "./run-network.ts";

/** Numbers of a file before they are floats: what does not fit into the input must not be rounded first. */
type Doubles = { readonly shape: readonly number[]; readonly data: Float32Array | Float64Array };

/**
 * Reads what the user gave as `--input`, by name of the network's input: `[NAME=]FILE`, where FILE is an
 * .npy file, an .npz archive (`FILE.npz:ARRAY` for one array of it), or raw little-endian numbers of the input's type. A file
 * without a name goes to the first input that has none yet. Throws R112 to R114, R117 and what readNpy throws.
 */
export async function readInputs(
  texts: readonly string[],
  ports: readonly InputPort[],
): Promise<ReadonlyMap<string, Values>> {
  const found = await readDoubles(texts, ports);
  checkHeld(ports, found);
  return new Map([...found].map(([name, { shape, data }]) => [name, { shape, data: asFloats(data) }]));
}

function asFloats(data: Float32Array | Float64Array): Float32Array {
  return data instanceof Float32Array ? data : Float32Array.from(data);
}

async function readDoubles(
  texts: readonly string[],
  ports: readonly InputPort[],
): Promise<ReadonlyMap<string, Doubles>> {
  const given = texts.map(splitName);
  const inputs = new Map<string, Doubles>();
  const taken = new Set(given.flatMap(({ name }) => (name === undefined ? [] : [name])));
  for (const { name, file, array } of given) {
    if (name === undefined && array === undefined && file.endsWith(".npz")) {
      const arrays = readNpzDoubles(await bytesOf(file), file);
      const known = [...arrays].filter(([key]) => ports.some((port) => port.name === key));
      if (known.length === 0) throw noSuchArray(file, arrays, ports.map((port) => port.name).join("` or `"));
      for (const [key, values] of known) inputs.set(key, values);
      continue;
    }
    const to = name ?? ports.find((p) => !taken.has(p.name))?.name;
    if (to === undefined) throw tooMany(file, ports);
    taken.add(to);
    inputs.set(
      to,
      await readOne(
        file,
        array,
        ports.find((p) => p.name === to),
      ),
    );
  }
  return inputs;
}

/** Writes each output to `<folder>/<name>.npy`, in its type; gives the files by name of the output. Throws R115. */
export async function writeOutputs(
  folder: string,
  outputs: ReadonlyMap<string, Values>,
  ports: readonly InputPort[] = [],
): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  try {
    await mkdir(folder, { recursive: true });
    for (const [name, values] of outputs) {
      // file systems that know no capitals take Y and y for one
      const used = new Set([...files.values()].map((path) => path.toLowerCase()));
      const stem = join(folder, fileName(name) || "output");
      let file = `${stem}.npy`;
      for (let i = 2; used.has(file.toLowerCase()); i++) file = `${stem}-${i}.npy`;
      const { dtype = "f32" } = ports.find((port) => port.name === name) ?? {};
      await writeFile(file, writePortNpy(values, dtype));
      files.set(name, file);
    }
  } catch (error) {
    throw unusable("R115", `cannot write \`${folder}\``, error);
  }
  return files;
}

interface Given {
  readonly name: string | undefined;
  readonly file: string;
  readonly array: string | undefined;
}

/** The file of what the user gave as `--input`. */
export function inputFile(text: string): string {
  return splitName(text).file;
}

/** Names of inputs and files may both hold `=` and `:`; what exists as a file is one. */
function splitName(text: string): Given {
  const [, file = text, array] = /^(.*\.npz):([^:]+)$/.exec(text) ?? [];
  const equals = file.indexOf("=");
  if (equals < 0 || existsSync(file)) return { name: undefined, file, array };
  return { name: file.slice(0, equals), file: file.slice(equals + 1), array };
}

async function readOne(
  file: string,
  array: string | undefined,
  port: InputPort | undefined,
): Promise<Doubles> {
  const bytes = await bytesOf(file);
  if (array !== undefined || file.endsWith(".npz"))
    return arrayOf(readNpzDoubles(bytes, file), array ?? port?.name, file);
  if (file.endsWith(".npy")) return readNpyDoubles(bytes, file);
  return rawNumbers(bytes, file, port);
}

function arrayOf(arrays: ReadonlyMap<string, Doubles>, name: string | undefined, file: string): Doubles {
  const [only] = arrays.values();
  const found = name === undefined ? undefined : arrays.get(name);
  if (found !== undefined) return found;
  if (only !== undefined && arrays.size === 1) return only;
  throw noSuchArray(file, arrays, name ?? "");
}

function noSuchArray(file: string, arrays: ReadonlyMap<string, Doubles>, name: string): UserError {
  return new UserError({
    code: "R112",
    exit: "badInput",
    title: `\`${file}\` holds no array \`${name}\``,
    why: `it holds ${[...arrays.keys()].join(", ")}`,
    help: [`${file}:ARRAY chooses one`],
  });
}

/** Raw numbers have no shape: they are the network's, as many samples as there are. */
function rawNumbers(bytes: Uint8Array, file: string, port: InputPort | undefined): Doubles {
  const [batch = 1, ...rest] = port?.shape ?? [];
  const type = port?.dtype ?? "f32";
  const sample = portBytes(type) * rest.reduce((a, b) => a * b, batch);
  if (bytes.length === 0 || bytes.length % sample !== 0) {
    throw new UserError({
      code: "R113",
      exit: "badInput",
      title: `\`${file}\` has ${bytes.length} bytes, the network's input \`${port?.name}\` takes ${sample}`,
      why: `it is [${port?.shape.join(", ")}] of ${type === "f32" ? "4-byte floats" : type}; a file that is neither .npy nor .npz holds nothing else`,
    });
  }
  return { shape: [(batch * bytes.length) / sample, ...rest], data: doublesIn(type, bytes) };
}

async function bytesOf(file: string): Promise<Uint8Array> {
  return readFile(file).catch((error: unknown) => {
    throw unusable("R114", `cannot read the input \`${file}\``, error);
  });
}

function tooMany(file: string, ports: readonly InputPort[]): UserError {
  return new UserError({
    code: "R116",
    exit: "badInput",
    title: `there is no input left for \`${file}\``,
    why: `the network's inputs: ${ports.map(({ name, shape }) => `${name} [${shape.join(", ")}]`).join(", ")}`,
  });
}

function unusable(code: "R114" | "R115", title: string, error: unknown): UserError {
  const why = error instanceof Error ? error.message : String(error);
  return new UserError({ code, exit: code === "R114" ? "badInput" : "usage", title, why });
}
