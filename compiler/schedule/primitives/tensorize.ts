import { z } from "zod";
import { canRun, type Instruction, instructionNamed, type Machine } from "../../ir/instruction.ts";
import { matchInstruction } from "../../ir/match-instruction.ts";
import type { ForStmt, Stmt } from "../../ir/stmt.ts";
import type { Diagnostic } from "../../support/diagnostic.ts";
import { didYouMean } from "../../support/text.ts";
import { knownName } from "../fields.ts";
import { loopsNamed, rewriteLoops, withBody } from "../loops.ts";
import { checkAxis, definePrimitive, refuse } from "../primitive.ts";

const schema = z.strictObject({ op: z.literal("tensorize"), axis: knownName, instruction: knownName });
export type TensorizeStep = Readonly<z.infer<typeof schema>>;

/**
 * Does the work of a loop and of the loops inside by one instruction, whose meaning stands beside it in the instruction set's file:
 * the nest must be that meaning but for the names. Of several loops of a name those are taken that are. A mark, as `vectorize` is: the
 * loops stay, and mean what they meant.
 *
 * ```ts before
 * for (const i of range(4)) { for (const k of range(4)) { y[i] += i32(x[4 * i + k]) * i32(w[k]); } }
 * ```
 * ```ts after tensorize("i", "sdot_four")
 * for (const i of instruction(4, "sdot_four")) { for (const k of range(4)) { y[i] += i32(x[4 * i + k]) * i32(w[k]); } }
 * ```
 */
export const tensorize = definePrimitive<TensorizeStep>({
  op: "tensorize",
  schema,
  check(proc, { axis, instruction: name }, { machine }) {
    const missing = checkAxis(proc, "tensorize", axis);
    if (missing) return missing;
    const instruction = instructionNamed(machine, name);
    if (machine === undefined || instruction === undefined) return unknown(axis, name, machine);
    if (!canRun(machine, instruction)) return lacking(axis, instruction, machine);
    const loops = loopsNamed(proc.body, axis);
    if (loops.some((l) => typeof matchInstruction(l, instruction) !== "string")) return undefined;
    const nearest = loops.reduce((a, b) => (depthOf(b) > depthOf(a) ? b : a));
    return refuse(
      "S131",
      `cannot tensorize \`${axis}\`: it is not what \`${name}\` does`,
      String(matchInstruction(nearest, instruction)),
      `\`${name}\` means ${instruction.text}`,
    );
  },
  apply(proc, { axis, instruction: name }, { machine }) {
    const instruction = instructionNamed(machine, name);
    if (instruction === undefined) return proc;
    const mark = (l: ForStmt): ForStmt =>
      typeof matchInstruction(l, instruction) === "string"
        ? l
        : { ...l, mode: "instruction", instruction: name };
    return withBody(proc, rewriteLoops(proc.body, axis, mark));
  },
});

function depthOf(s: Stmt): number {
  return s.kind === "for" ? 1 + Math.max(0, ...s.body.map(depthOf)) : 0;
}

function unknown(axis: string, name: string, machine: Machine | undefined): Diagnostic {
  const names = machine?.instructions().map((i) => i.name) ?? [];
  const near = didYouMean(name, names);
  return refuse(
    "S129",
    `cannot tensorize \`${axis}\`: there is no instruction \`${name}\``,
    names.length === 0
      ? `${machine?.isa ?? "the procedure alone"} has none`
      : `${machine?.isa} has ${names.join(", ")}`,
    ...(near === undefined ? [] : [`did you mean \`${near}\`?`]),
  );
}

function lacking(axis: string, instruction: Instruction, machine: Machine): Diagnostic {
  const { name, needs, text } = instruction;
  const same = machine.instructions().find((i) => i.text === text && canRun(machine, i));
  return refuse(
    "S130",
    `cannot tensorize \`${axis}\`: \`${name}\` needs \`${needs}\`, which ${machine.core} lacks`,
    `${machine.isa} has it for cores whose file in targets/cores names the feature \`${needs}\``,
    same === undefined
      ? "vectorize another loop, which widens before it multiplies"
      : `\`${same.name}\` means the same, and ${machine.core} has it`,
  );
}
