import { listTargets, loadTarget } from "../machine/load.ts";
import type { Comparison } from "../results/compare/comparison.ts";
import type { Alarm } from "../results/gate/judge.ts";
import { typedWord } from "../support/text.ts";

/** What to type to see more of an alarm of two results files. */
export function nextStep(comparison: Comparison, { case: name, kind }: Alarm): string {
  const found = comparison.cases.find((one) => one.name === name);
  if (found === undefined) return "";
  const [model, target] = [typedWord(found.model), typedWord(found.target)];
  const place = `--board ${typedWord(found.board)}${found.board === found.target ? "" : ` --target ${target}`}`;
  // A layer or a kernel of a suite is no file that another command takes.
  const isModel = found.model.startsWith("zoo:") || /\.(onnx|tflite)$/i.test(found.model);
  const again = `\`tilewright test SUITE --case ${typedWord(name)}\``;
  switch (kind) {
    case "unjudged":
      if (found.verdict.now === "error") return `${again} shows why`;
      return `${again} with what BASE was run with, for a result that can be compared`;
    case "verdict":
      if (!isModel) return `${again} shows why`;
      return `\`tilewright verify ${model} ${place}\` shows the first layer that is wrong`;
    case "measuredNs":
      return `\`tilewright compare FOLDER_BASE FOLDER_NOW ${place} --gate\` runs both programs in turns (folders of \`tilewright compile -o\`)`;
    case "instructions":
    case "cycles": {
      const emulator = emulatorOf(found.target);
      if (emulator === undefined || !isModel)
        return "`tilewright compare BASE NOW --csv FILE` lists every figure";
      return `\`tilewright bench ${model} --board ${typedWord(emulator)} --modelled\` shows what each layer loses`;
    }
    default:
      if (!isModel) return "`tilewright compare BASE NOW --csv FILE` lists every figure";
      return `\`tilewright compile ${model} --target ${target} -o FOLDER\` with both builds shows what they make`;
  }
}

/** The emulated board that stands for a target: itself, or one of its core and instruction set. */
function emulatorOf(target: string): string | undefined {
  if (!listTargets().includes(target)) return undefined;
  const { board } = loadTarget(target);
  return [target, ...listTargets()].find((name) => {
    const other = loadTarget(name).board;
    return other.run === "qemu" && other.core === board.core && other.isa === board.isa;
  });
}
