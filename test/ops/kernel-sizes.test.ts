import { join } from "node:path";
import { Project } from "ts-morph";
import { expect, test } from "vitest";
import { dimensionsOf } from "../../compiler/language/kernel-parameters.ts";
import { kernelFileParameters } from "../../compiler/language/parse-kernel.ts";
import { ops } from "../../compiler/ops/index.ts";
import type { OpDef } from "../../compiler/ops/op.ts";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { kernelFile } from "../../compiler/task/compile-task.ts";

/** What the algorithms of convolutions are told beside what their kernels ask for. */
const TOLD = ["ROWS?", "COLUMNS?", "KH?", "KW?"];

const project = new Project({
  tsConfigFilePath: join(PACKAGE_ROOT, "tsconfig.json"),
  skipAddingFilesFromTsConfig: true,
});

/** The names in the type of a kernel's first parameter; those that may be left out end with a question mark. */
function typed(op: OpDef): string[] {
  const [dims] = project
    .addSourceFileAtPath(kernelFile(op))
    .getFunctionOrThrow(op.kernel.name)
    .getParameters();
  return dims
    .getType()
    .getProperties()
    .map((p) => `${p.getName()}${p.isOptional() ? "?" : ""}`);
}

test.each(Object.entries<OpDef>(ops))(
  "the kernel of %s types the sizes that it and its tensors name",
  (_, op) => {
    const parameters = kernelFileParameters(kernelFile(op), op.kernel.name);
    const optional = parameters.flatMap((p) => (p.kind === "dims" ? p.optional : []));
    const named = dimensionsOf(parameters);
    const wanted = named.map((name) => (optional.includes(name) ? `${name}?` : name));
    const known = typed(op).filter(
      (name) => !(TOLD.includes(name) && !named.includes(name.replace("?", ""))),
    );
    expect(known.sort()).toEqual(wanted.sort());
  },
);
