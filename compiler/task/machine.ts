import type { DType } from "../ir/dtype.ts";
import type { Instruction, Machine, Operand } from "../ir/instruction.ts";
import { parseKernelText } from "../language/parse-kernel.ts";
import { featuresOf } from "../machine/isa-rows.ts";
import type { Isa, Target } from "../machine/target.schema.ts";

/**
 * What a schedule may ask of a target, one for each; the meanings of its instructions are read when the first is asked for.
 */
export function machineOf(target: Target): Machine {
  const machine = machines.get(target) ?? made(target);
  machines.set(target, machine);
  return machine;
}

const machines = new WeakMap<Target, Machine>();

function made(target: Target): Machine {
  const { isa, core } = target;
  return {
    isa: isa.name,
    core: core.name,
    features: featuresOf(target),
    instructions: () => {
      const read = known.get(isa) ?? (isa.instructions ?? []).map(readInstruction);
      known.set(isa, read);
      return read;
    },
  };
}

const known = new WeakMap<Isa, readonly Instruction[]>();

type Row = NonNullable<Isa["instructions"]>[number];

/** An instruction of an instruction set's file; its meaning is the body of a kernel whose parameters are its operands. */
export function readInstruction({ name, args, means, needs, c, first }: Row): Instruction {
  const operands = Object.entries(args).map(([arg, type]): Operand => {
    const [dtype = "", each = "", registers] = type.split("x");
    const whole = { name: arg, dtype: dtype as DType, lanes: Number(each) };
    if (registers === undefined) return whole;
    return { ...whole, lanes: Number(each) * Number(registers), registers: Number(registers) };
  });
  const params = operands.map(
    (o, i) => `${o.name}: ${i === 0 ? "Output" : "Input"}<[${o.lanes}], "${o.dtype}">`,
  );
  const kernel = `export function ${name}(${params.join(", ")}): void {\n${means}\n}\n`;
  const meaning = parseKernelText(kernel, {}, { fileName: `${name}.kernel.ts` });
  const known = { name, operands, meaning, text: means, needs };
  if (first === undefined) return { ...known, c };
  const parts = { type: first.type, first: first.c, then: c.replaceAll("$first", "$2") };
  return { ...known, c: c.replaceAll("$first", () => first.c), parts };
}
