// Runs ONNX's own backend tests: each model is imported, compiled for a board, run, and compared with the results recorded.
// Fails where a result is wrong, a test crashes, or one that passed once (test/conformance/expected.txt) does not any more.
import { parseArgs } from "node:util";
import { readExpected, writeExpected } from "./conformance/expected.mjs";
import { importCase } from "./conformance/import-case.mjs";
import { readCase } from "./conformance/read-case.mjs";
import { compareWith, reportText } from "./conformance/report.mjs";
import { judgeCompiled } from "./conformance/run-compiled.mjs";
import { judgeReference } from "./conformance/run-reference.mjs";
import { HOW_TO_INSTALL, listCases } from "./conformance/testdata.mjs";

const { values: options } = parseArgs({
  options: {
    board: { type: "string", default: "host" },
    only: { type: "string" },
    every: { type: "string", default: "1" },
    reference: { type: "boolean" },
    update: { type: "boolean" },
    json: { type: "boolean" },
  },
});

const all = listCases();
if (all === undefined) {
  console.error(HOW_TO_INSTALL);
  process.exit(1);
}
const wanted = new RegExp(options.only ?? "");
const expected = readExpected();
/** Of every few those that should pass: a sample for slow boards. */
const every = Number(options.every);
const sampled = (_, i) => i % every === 0;
const listed = every === 1 ? all : all.filter(({ name }) => expected.get(name) === "passed").filter(sampled);
const cases = listed.filter(({ name }) => wanted.test(name)).map(readCase);
/** One for each recorded set of inputs of a test. */
const runs = cases.flatMap((test) =>
  test.leftOut === undefined ? test.sets.map((set) => ({ test, ...importCase(test, set) })) : [],
);
const ready = runs.filter(({ outcome }) => outcome === "imported");
const verdicts = options.reference
  ? await judgeReference(ready)
  : await judgeCompiled(ready, options.board, (done) =>
      process.stderr.write(`\r${done} of ${ready.length} compiled and run `),
    );
if (!options.reference) process.stderr.write("\n");
const judged = new Map(ready.map((run, i) => [run, verdicts[i]]));

const results = cases.map((test) => {
  const { name, operators } = test;
  const operator = operators.length === 1 ? operators[0] : `${operators.length} operators`;
  if (test.leftOut !== undefined) return { name, operator, outcome: "left out", why: test.leftOut };
  const own = runs.filter((run) => run.test === test).map((run) => ({ ...run, ...judged.get(run) }));
  const worst = own.find(({ outcome }) => outcome !== "passed") ?? own[0];
  const { outcome, code, known, why } = worst;
  return {
    ...{ name, operator, outcome },
    ...(code && { code }),
    ...(known && { known }),
    ...(why && { why }),
  };
});

const { losses, gains } = compareWith(expected, results);
console.log(options.json ? JSON.stringify(results, null, 1) : reportText(results));
if (options.update && cases.length < all.length) {
  console.error("only a whole run can be written down: leave out --only and --every");
  process.exit(1);
}
if (options.update) console.error(`written: ${writeExpected(results)}`);
else {
  for (const { name, outcome, why } of losses) console.error(`lost: ${name} is ${outcome}: ${why}`);
  if (gains.length > 0)
    console.error(`${gains.length} more pass than are expected to: make conformance ARGS=--update`);
}
const bad = results.some(({ outcome }) => outcome === "wrong" || outcome === "crashed");
process.exit(bad || (losses.length > 0 && !options.update) ? 1 : 0);
