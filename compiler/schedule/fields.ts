import { z } from "zod";
import { isIdentifier, nameProblem } from "../ir/names.ts";
import type { Memory } from "../ir/stmt.ts";

/** Fields of steps. Steps come from logs and files of strangers too, so what a field may be is said here and nowhere else. */

/** No loop has more iterations: addresses stay exact, and what a thread is given is counted in an int. */
export const MOST_ITERATIONS = 2 ** 31 - 1;

/** A factor, a multiple, a distance. */
const LARGEST = 2 ** 24;
/** Names and dimensions in one list. */
const MOST_ITEMS = 100;

/** The name of a loop or a buffer that the step makes. */
export const newName: z.ZodType<string> = z.string().superRefine((name, context) => {
  const problem = nameProblem(name);
  if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
});

/** The name of a loop or a buffer that is there already: a kernel may call it whatever it likes. */
export const knownName: z.ZodType<string> = z
  .string()
  .max(1000, "no name is that long")
  .refine(isIdentifier, "no loop and no buffer has such a name");

export const factor: z.ZodType<number> = z
  .int(`a whole number from 1 to ${LARGEST}`)
  .min(1, `a whole number from 1 to ${LARGEST}`)
  .max(LARGEST, `a whole number from 1 to ${LARGEST}`);

export const count: z.ZodType<number> = z
  .int(`a whole number from 0 to ${LARGEST}`)
  .min(0, `a whole number from 0 to ${LARGEST}`)
  .max(LARGEST, `a whole number from 0 to ${LARGEST}`);

/** What becomes of the iterations left over when a factor does not divide an extent. */
export type Tail = "exact" | "cut" | "guard";
export const tail: z.ZodType<Tail> = z.enum(["exact", "cut", "guard"], 'one of "exact", "cut" and "guard"');

export const memory: z.ZodType<Memory> = z.enum(["register", "stack"], 'one of "register" and "stack"');

/** A list of no more items than any nest or buffer has. */
export function listOf<T>(item: z.ZodType<T>): z.ZodArray<z.ZodType<T>> {
  return z.array(item).max(MOST_ITEMS, `at most ${MOST_ITEMS}`);
}
