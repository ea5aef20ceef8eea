// What a bundle's files say of each layer: its C, flags, packed weights and places. Only the files are read, as they change
// less between versions than the library does, and names of kernels are left out, as a name may change where the code does not.
import { createHash } from "node:crypto";

const LAYER = /\/\* (\d+): (.*) \*\/\nstatic void layer_\1\([^)]*\)\n\{\n([\s\S]*?)\n\}\n\n/g;
const WEIGHTS = /tw_weights_at\(frame, (\d+)\)/g;

export const hashed = (data) => createHash("sha256").update(data).digest("hex").slice(0, 16);

/** `{ layers: [{ layer, c, flags, weights, places }], rest: { path: hash } }`; `keep(hash, text)` takes the C of kernels. */
export function bundleKernels(files, keep) {
  const text = (path) => asText(files.get(path));
  const metadata = JSON.parse(text("metadata.json"));
  const network = text(`src/${metadata.program}.c`);
  const blob = wholeFile(files.get(`weights/${metadata.program}.bin`));
  const flagsOf = gccFlags(metadata.sources, text("Makefile"));
  const calls = [...network.matchAll(LAYER)].map(([, , , body]) => body);
  const begins = [
    ...new Set(calls.flatMap((call) => [...call.matchAll(WEIGHTS)].map(([, at]) => Number(at)))),
  ];
  const ends = [...begins, blob.length].sort((a, b) => a - b);
  const weightsAt = (at) =>
    hashed(
      blob.subarray(
        at,
        ends.find((end) => end > at),
      ),
    );
  const layers = metadata.layers.map(({ name, kernel }, i) => {
    const file = `src/kernels/${kernel}.c`;
    const c = nameless(text(file), kernel);
    const hash = hashed(c);
    keep(hash, c);
    const call = nameless(calls[i], kernel).replace(/\s+/g, " ");
    return {
      layer: name,
      c: hash,
      flags: flagsOf.get(file),
      weights: [...call.matchAll(WEIGHTS)].map(([, at]) => weightsAt(Number(at))).join(" "),
      places: call.replace(WEIGHTS, "weights"),
    };
  });
  return { layers, rest: restOf(files, metadata) };
}

/** What gcc compiles each file with beside the flags of all: its intents as the Makefile has them for gcc, and flags. */
function gccFlags(sources, makefile) {
  const forGcc = /^ifneq \(\$\(findstring clang [\s\S]*?^else\n([\s\S]*?)^endif/m.exec(makefile)?.[1] ?? "";
  const variables = new Map(
    [...forGcc.matchAll(/^(\S+) := (.*)$/gm)].map(([, name, flags]) => [name, flags]),
  );
  const asked = (intent) => {
    if (!variables.has(intent)) throw new Error(`the Makefile has no flags for ${intent}`);
    return variables.get(intent);
  };
  return new Map(
    sources.map(({ file, intents = [], cflags }) => [file, [...intents.map(asked), ...cflags].join(" ")]),
  );
}

/** Without the comment at its top, which tells sizes and choices in words, and without its name. */
function nameless(c, kernel) {
  return c.replace(/^\/\*[\s\S]*?\*\/\n/, "").replaceAll(kernel, "KERNEL");
}

/** Large files come in pieces; earlier versions had all of them in one. */
function wholeFile(contents) {
  return contents instanceof Uint8Array ? contents : Buffer.concat([...contents.chunks()]);
}

/** Everything else of a bundle but metadata.json, which says of each version what that version knows. */
function restOf(files, metadata) {
  const { layers } = metadata;
  const kernels = [...new Set(layers.map(({ kernel }) => kernel))];
  const rest = [...files].filter(
    ([path]) => !/^(src\/kernels|weights|golden)\//.test(path) && path !== "metadata.json",
  );
  return Object.fromEntries(
    rest.map(([path, data]) => {
      const bare = asText(data).replace(LAYER, "");
      const renamed = kernels.reduce((text, name, i) => text.replaceAll(name, `KERNEL${i}`), bare);
      // lines of a prototype break where names are long
      return [path.replaceAll(metadata.program, "NET"), hashed(renamed.replace(/\s+/g, " "))];
    }),
  );
}

function asText(data) {
  return typeof data === "string" ? data : new TextDecoder().decode(data);
}
