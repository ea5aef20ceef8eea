// ONNX's own backend tests, as Debian packs them: folders of a model, inputs and the results recorded for them.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

const FOLDER = "/usr/share/libonnx-testdata/data";
/** `real` holds addresses of models only. */
const SUITES = ["node", "pytorch-converted", "pytorch-operator", "simple"];

/** `[{ name, folder }]`, sorted; undefined where the tests are not installed. */
export function listCases(folder = FOLDER) {
  if (!existsSync(folder)) return undefined;
  return SUITES.filter((suite) => existsSync(join(folder, suite))).flatMap((suite) =>
    readdirSync(join(folder, suite))
      .filter((test) => existsSync(join(folder, suite, test, "model.onnx")))
      .sort()
      .map((test) => ({ name: `${suite}/${test}`, folder: join(folder, suite, test) })),
  );
}

export const HOW_TO_INSTALL = `conformance: ONNX's backend tests are not installed
  missing: ${FOLDER}
  type:    sudo apt-get install libonnx-testdata`;
