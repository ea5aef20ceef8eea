import { defineCommand } from "../command.ts";
import { decisionsOf } from "../network-steps.ts";
import { READING, readingOf } from "../reading-options.ts";
import { DECISIONS, JSON_OUTPUT, NUMERICS, RECORDS, SET_KNOB, TARGET } from "../shared-options.ts";
import { parseKnobs, parseSizes } from "../sizes.ts";
import { loadTables } from "../tables.ts";
import { unreadable } from "../usage-errors.ts";
import { withRecords } from "../with-records.ts";

const SAYS_ITSELF = "a kernel file says itself what is f16: --numerics is of operators and models";

export const explain = defineCommand({
  name: "explain",
  summary: "Show a kernel's final loops, what they touch, and what bounds them",
  positionals: [
    {
      name: "WHAT",
      describe: "an operator (conv2d), a kernel file (.ts), or a model with --layer",
      required: true,
    },
    { name: "SCHEDULE", describe: "schedule file of a kernel file", required: false },
  ],
  options: {
    target: { ...TARGET, required: true },
    dims: { type: "string", array: true, describe: "sizes of the operator or kernel, as N=1,OC=64" },
    layer: { type: "string", describe: "name of a model's layer, or a part of it" },
    schedule: { type: "string", describe: "name of a schedule instead of the one that would be picked" },
    kernel: { type: "string", describe: "function of the kernel file (default: its only one)" },
    set: SET_KNOB,
    decisions: DECISIONS,
    records: RECORDS,
    numerics: NUMERICS,
    ...READING,
    json: JSON_OUTPUT,
  },
  examples: [
    ["tilewright explain conv2d --target BOARD --dims OC=64,IC=64,OH=56,OW=56,KH=3,KW=3", "an operator"],
    ["tilewright explain zoo:mobilenet-v1 --layer conv1 --target BOARD", "a layer as `compile` makes it"],
    ["tilewright explain my.kernel.ts my.schedule.ts --target BOARD --dims N=64", "a kernel of your own"],
  ],
  run: async (values, { terminal }) => {
    const { loadTarget } = await import("../../machine/load.ts");
    const { lookForToolchain } = await import("../../toolchain/toolchain.ts");
    const what = values.words.WHAT ?? "";
    const dims = parseSizes("dims", values.dims);
    const wanted = loadTarget(values.target ?? "");
    let target = wanted;
    // The C compiler answers while the rest is loaded.
    const toolchain = lookForToolchain(target);
    const {
      compileLayer,
      compileOp,
      explain: explainCompiled,
    } = await import("../../driver/decide/explain.ts");
    const choices = parseKnobs(values.set);
    const options = { choices, ...(values.schedule !== undefined && { schedule: values.schedule }) };
    const sizes = Object.entries(dims).map(([name, value]) => ` ${name}=${value}`);
    let title = `${what}${sizes.join("")}`;
    let compiled: Parameters<typeof explainCompiled>[1];
    if (/\.[mc]?ts$/.test(what)) {
      if (values.numerics === "f16") throw unreadable(SAYS_ITSELF, "explain");
      const { compileUserKernel } = await import("../../driver/kernel/user-kernel.ts");
      compiled = await compileUserKernel({
        kernelFile: what,
        kernel: values.kernel,
        scheduleFile: values.words.SCHEDULE,
        schedule: values.schedule,
        dims,
        choices,
        target,
      });
    } else if (values.layer !== undefined || /[.:/]/.test(what)) {
      const model = { ...readingOf(values), model: what };
      const request = { numerics: values.numerics, ...(await decisionsOf({ decisions: values.decisions })) };
      const { records } = values;
      ({ compiled, target } = await compileLayer(model, values.layer, wanted, {
        ...options,
        ...request,
        decide: (network, asked) => withRecords(network, { records, target: wanted }, asked, terminal),
      }));
      title = `${values.layer} of ${what}${wanted.narrower?.length ? `, ${target.isa.lanes} lanes` : ""}`;
    } else {
      compiled = compileOp(what, dims, target, { ...options, numerics: values.numerics });
    }
    const explaining = explainCompiled(title, compiled, target, toolchain);
    if (values.json) {
      terminal.out(JSON.stringify(await explaining, null, 2));
      return;
    }
    // What prints it is loaded while the C compiler works.
    const [explained, { explainText }] = await Promise.all([
      explaining,
      import("../explain-text.ts"),
      loadTables(),
    ]);
    terminal.out(await explainText(explained));
  },
});
