import { join, relative, sep } from "node:path";
import { cannotWrite, writeWhole } from "../../support/write-whole.ts";
import { defineCommand } from "../command.ts";

export const bind = defineCommand({
  name: "bind",
  summary: "Write clients of a bundle in TypeScript and Python",
  positionals: [{ name: "BUNDLE", describe: "a folder of `compile`", required: true }],
  options: {
    output: { alias: "o", type: "string", required: true, describe: "folder for the two modules" },
  },
  examples: [
    [
      "tilewright bind build -o clients",
      "clients/NETWORK.ts runs the program, clients/NETWORK.py the shared library",
    ],
  ],
  run: async ({ words: { BUNDLE = "" }, output = "" }, { terminal }) => {
    const { readMetadata } = await import("../../toolchain/read-metadata.ts");
    const { pythonClient } = await import("../../driver/bind/python-client.ts");
    const { typescriptClient } = await import("../../driver/bind/typescript-client.ts");
    const { mkdir } = await import("node:fs/promises");
    const metadata = await readMetadata(BUNDLE);
    const net = metadata.program;
    const built = (file: string): string =>
      relative(output, join(BUNDLE, "build", file))
        .split(sep)
        .join("/");
    const [typescript, python] = ["ts", "py"].map((kind) => join(output, `${net}.${kind}`));
    await mkdir(output, { recursive: true }).catch((error: unknown) => {
      throw cannotWrite(output, error);
    });
    await writeWhole(typescript, typescriptClient(metadata, built(net)));
    await writeWhole(python, pythonClient(metadata, built(`lib${net}.so`)));
    terminal.out(`${typescript} runs ${join(BUNDLE, "build", net)}`);
    terminal.out(
      `${python} loads ${join(BUNDLE, "build", `lib${net}.so`)}: \`make -C ${BUNDLE} shared\` builds it`,
    );
  },
});
