import { BYTES, type DType } from "../ir/dtype.ts";
import { laneType } from "../ir/lane-type.ts";
import { operands, type VBlock, type VExpr, type VectorProc } from "../ir/vector.ts";
import {
  featuresOf,
  functionRow,
  hasVectors,
  isFloatVector,
  rowOf,
  vectorName,
} from "../machine/isa-rows.ts";
import type { Feature, IsaRow, Target } from "../machine/target.schema.ts";
import { type Diagnostic, UserError } from "../support/diagnostic.ts";

type Call = VExpr & { readonly kind: "call" };

/**
 * Refuses what the target cannot be told to do: an operation on vectors of a type that the instruction set has no row for, or whose
 * row needs what the core lacks. Throws L108 to L110.
 */
export function checkRows(proc: VectorProc, target: Target): void {
  const { isa } = target;
  const check: Check = (op, dtype, lanes, { from, registers } = {}) => {
    if (lanes === 1 || (isFloatVector(isa, dtype, lanes) && op in isa.ops)) return;
    const type = vectorName(dtype, lanes, registers);
    const source = from === undefined ? undefined : vectorName(from, lanes);
    const found = hasVectors(isa, dtype, lanes, registers) ? rowOf(isa, op, type, source) : undefined;
    const what = source === undefined ? `\`${op}\` on ${type}` : `\`${op}\` from ${source} to ${type}`;
    if (found === undefined) throw new UserError(noRow(what, isa.name));
    const { needs } = found;
    if (needs !== undefined && !featuresOf(target).includes(needs)) {
      throw new UserError(lacks(what, needs, target));
    }
  };
  // of a whole register of its floats there is each function
  const checkCall = (e: Call): void => {
    const isThere = e.lanes === 1 || isFloatVector(isa, "f32", e.lanes) || functionRow(isa, e) !== undefined;
    if (!isThere) throw new UserError(noRow(`\`${e.fn}\` on ${vectorName("f32", e.lanes)}`, isa.name));
  };
  const value = (e: VExpr): void => {
    if (e.kind === "call") checkCall(e);
    else checkValue(e, check);
    for (const o of operands(e)) value(o);
  };
  const visit = (block: VBlock): void => {
    for (const s of block) {
      if (s.kind === "for" || s.kind === "if") visit(s.body);
      if (s.kind === "let" || s.kind === "set" || s.kind === "store") value(s.value);
      if (s.kind === "store") check("store", laneType(s.value), s.lanes);
    }
  };
  if (isa.halfType === undefined && usesHalves(proc)) throw new UserError(noHalves(isa.name));
  visit(proc.body);
}

type Check = (
  op: IsaRow["op"],
  dtype: DType,
  lanes: number,
  other?: { readonly from?: DType; readonly registers?: number | undefined },
) => void;

function checkValue(e: Exclude<VExpr, Call>, check: Check): void {
  switch (e.kind) {
    case "load":
      check(e.inOrder === true ? "loadInOrder" : "load", e.dtype, e.lanes, { registers: e.registers });
      return;
    case "splat":
    case "fma":
    case "fms":
    case "iota":
      check(e.kind, laneType(e), e.lanes);
      return;
    case "binary":
      check(e.op, laneType(e), e.lanes);
      return;
    case "convert":
      check("convert", e.to, e.lanes, { from: laneType(e.value) });
      return;
    case "exponent":
    case "reciprocal":
      check(e.kind, laneType(e), e.lanes);
      return;
    // the schedule has asked what it needs, a pass what it makes
    case "instruction":
    case "narrow":
    case "literal":
    case "register":
    case "unary":
    case "fma-lane":
    case "mul-lane":
    case "select":
    case "index":
      // of single numbers, or of f32: every instruction set has these
      return;
  }
}

function usesHalves(proc: VectorProc): boolean {
  const small = (block: VBlock): boolean =>
    block.some((s) => {
      if (s.kind === "for" || s.kind === "if") return small(s.body);
      if (s.kind === "let" || s.kind === "set" || s.kind === "store") return hasHalf(s.value);
      return "dtype" in s && s.dtype === "f16";
    });
  return proc.params.some((p) => p.dtype === "f16") || small(proc.body);
}

function hasHalf(e: VExpr): boolean {
  return laneType(e) === "f16" || operands(e).some(hasHalf);
}

function noRow(what: string, isa: string): Diagnostic {
  return {
    code: "L108",
    exit: "illegalSchedule",
    title: `${what} has no vector form in ${isa}`,
    why: `targets/isa/${isa}.json has no row for it`,
    help: ["leave the loop without `vectorize`: the C compiler may make vectors of it"],
  };
}

function lacks(what: string, needs: Feature, { core, isa }: Target): Diagnostic {
  const f32 = needs === "fp16" ? ["compute in f32: f16(f32(a) * f32(b))"] : [];
  return {
    code: "L109",
    exit: "illegalSchedule",
    title: `${what} needs \`${needs}\`, which ${core.name} lacks`,
    why: `${isa.name} has it for cores whose file in targets/cores names the feature \`${needs}\``,
    help: [...f32, "or leave the loop without `vectorize`"],
  };
}

function noHalves(isa: string): Diagnostic {
  return {
    code: "L110",
    exit: "illegalSchedule",
    title: `${isa} has no f16`,
    why: `targets/isa/${isa}.json names no C type for it (\`halfType\`)`,
    help: [`hold the numbers as f32, ${BYTES.f32} bytes each, or compile for a 64-bit target`],
  };
}
