import type { BundleMetadata } from "../../artifact/bundle.ts";
import { rowsText } from "../../graph/unused-rows.ts";
import { Project, VariableDeclarationKind } from "../../language/ts-morph.ts";
import { type ClientPort, clientTypes } from "./port-types.ts";

/** A TypeScript module that runs a bundle's program, a process for each inference. `program`: its path, relative to the module. */
export function typescriptClient(metadata: BundleMetadata, program: string): string {
  const project = new Project({ useInMemoryFileSystem: true, skipLoadingLibFiles: true });
  const file = project.createSourceFile("client.ts");
  const title = `Client of the network ${metadata.program}: runs its program, once for each inference. Written by \`tilewright bind\`.`;
  file.addStatements(`/** ${title} */`);
  for (const [moduleSpecifier, ...namedImports] of IMPORTS)
    file.addImportDeclaration({ moduleSpecifier, namedImports });
  const ports = { Inputs: metadata.inputs, Outputs: metadata.outputs };
  for (const [name, of] of Object.entries(ports)) {
    file.addInterface({ name, isExported: true, properties: of.map(property) });
    file.addVariableStatement({
      declarationKind: VariableDeclarationKind.Const,
      isExported: true,
      docs: ["Shape, elements and array of each, in the program's order."],
      declarations: [{ name: name.toUpperCase(), initializer: table(of) }],
    });
  }
  file.addInterface({ name: "RunOptions", isExported: true, properties: OPTIONS });
  file.addVariableStatement({
    declarationKind: VariableDeclarationKind.Const,
    declarations: [
      {
        name: "PROGRAM",
        initializer: `join(dirname(fileURLToPath(import.meta.url)), ${JSON.stringify(program)})`,
      },
    ],
  });
  file.addFunction({
    ...{ name: "run", isExported: true, isAsync: true, returnType: "Promise<Outputs>", statements: RUN },
    docs: [
      "One inference. Throws a RangeError for an input that is missing or of another length, and what the program says.",
    ],
    parameters: [
      { name: "inputs", type: "Inputs" },
      { name: "options", type: "RunOptions", initializer: "{}" },
    ],
  });
  file.formatText({ indentSize: 2 });
  return file.getFullText();
}

const IMPORTS = [
  ["node:child_process", "execFile"],
  ["node:fs/promises", "mkdtemp", "readFile", "rm", "writeFile"],
  ["node:os", "tmpdir"],
  ["node:path", "dirname", "join", "resolve"],
  ["node:url", "fileURLToPath"],
  ["node:util", "promisify"],
] as const;

const OPTIONS = [
  {
    name: "program",
    type: "string",
    hasQuestionToken: true,
    isReadonly: true,
    docs: ["Absent: where the bundle has it."],
  },
  { name: "threads", type: "number", hasQuestionToken: true, isReadonly: true },
];

function property(port: ClientPort) {
  const { name, shape, dtype = "f32" } = port;
  return {
    name: JSON.stringify(name),
    type: clientTypes(port).array,
    isReadonly: true,
    docs: [`[${shape.join(", ")}] of ${dtype}, row-major${rowsText(port)}.`],
  };
}

/** `[{ name: "x", shape: [1, 3], length: 3, array: Float32Array }] as const` */
function table(ports: readonly ClientPort[]): string {
  const rows = ports.map((port) => {
    const { name, shape } = port;
    const length = shape.reduce((a, b) => a * b, 1);
    const fields = [`name: ${JSON.stringify(name)}`, `shape: [${shape.join(", ")}]`, `length: ${length}`];
    return `  { ${[...fields, `array: ${clientTypes(port).array}`].join(", ")} },\n`;
  });
  return `[\n${rows.join("")}] as const`;
}

const RUN = `const folder = await mkdtemp(join(tmpdir(), "network-"));
try {
  const given = INPUTS.map(({ name, length }, i) => ({ name, length, file: \`input\${i}.bin\` }));
  const made = OUTPUTS.map(({ name, array }, i) => ({ name, array, file: \`output\${i}.bin\` }));
  for (const { name, length, file } of given) {
    const data = inputs[name];
    if (data?.length !== length) throw new RangeError(\`\${name} has \${data?.length} elements, the network takes \${length}\`);
    await writeFile(join(folder, file), data);
  }
  const files = (ports: readonly { readonly file: string }[]): string => ports.map(({ file }) => file).join();
  const { program = PROGRAM, threads = 1 } = options;
  const args = ["run", "--inputs", files(given), "--outputs", files(made), "--threads", String(threads)];
  await promisify(execFile)(resolve(program), args, { cwd: folder });
  const outputs = await Promise.all(
    made.map(async ({ name, array, file }) => [name, new array(new Uint8Array(await readFile(join(folder, file))).buffer)] as const),
  );
  return Object.fromEntries(outputs) as unknown as Outputs;
} finally {
  await rm(folder, { recursive: true, force: true });
}`;
