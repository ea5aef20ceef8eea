import type { DType } from "./dtype.ts";
import { FUNCTION_NAMES } from "./functions.ts";

/** Functions of the kernel language, iterators of loops among them. */
export const LANGUAGE_CALLS = [
  ...FUNCTION_NAMES,
  "exp",
  "f16",
  "f32",
  "float",
  "i32",
  "i8",
  "instruction",
  "max",
  "min",
  "mod",
  "parallel",
  "prefetch",
  "prefetchToWrite",
  "range",
  "register",
  "roundI32",
  "roundSmallI32",
  "saturateI8",
  "saturateU8",
  "sqrt",
  "stack",
  "tanh",
  "u8",
  "unroll",
  "vector",
  "wrapI16",
] as const;

/**
 * What a conversion to each type is called, given the type it comes from: where a number may be lost, the name says what becomes
 * of it.
 */
export const CONVERSION_NAMES: Readonly<Record<DType, (from: DType) => string>> = {
  f32: () => "f32",
  f16: () => "f16",
  i32: (from) => (from === "f32" ? "roundI32" : "i32"),
  i8: () => "saturateI8",
  u8: () => "saturateU8",
};

/** Words that mean something in the text of a kernel, which is a module of TypeScript: nothing else can be called so. */
const WORDS: ReadonlySet<string> = new Set([
  ...LANGUAGE_CALLS,
  ..."Indices Input Output Weight Math Infinity NaN undefined".split(" "),
  ...`arguments await break case catch class const continue debugger default delete do else enum eval export extends
  false finally for function if implements import in instanceof interface let new null package private protected
  public return static super switch this throw true try typeof var void while with yield`.split(/\s+/),
]);

/** Names longer than this help nobody, and files of C and its listings are read. */
export const LONGEST_NAME = 100;

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** Whether a text could be the name of anything in a kernel. */
export function isIdentifier(text: string): boolean {
  return IDENTIFIER.test(text);
}

/**
 * Why a loop or a buffer cannot have a name that comes as data, in a step of a schedule; nothing where it can. The names
 * of a procedure are printed: into dumps, which read back as kernels, and into C. So a name is one word of either.
 */
export function nameProblem(name: string): string | undefined {
  if (name === "") return "it is empty";
  if (name.length > LONGEST_NAME) return `it has ${name.length} characters, the limit is ${LONGEST_NAME}`;
  if (!isIdentifier(name)) return "a name is letters, digits, `_` and `$`, and begins with no digit";
  return WORDS.has(name) ? "the word means something in the kernel language" : undefined;
}
