import { z } from "zod";
import { shortJson } from "../support/text.ts";
import { primitives, type Step } from "./primitives/index.ts";

const schemas = Object.values(primitives).map((p) => p.schema);

/** A step as data from outside. */
export const stepSchema = z.discriminatedUnion(
  "op",
  schemas as unknown as [z.ZodObject<{ op: z.ZodLiteral<Step["op"]> }>],
) as unknown as z.ZodType<Step>;

/** Why data is no step: the field, what it is and what it could be; nothing where it is one. */
export function stepProblem(data: unknown): string | undefined {
  const read = stepSchema.safeParse(data);
  if (read.success) return undefined;
  const [{ path, message }] = read.error.issues;
  if (path.length === 0 || path[0] === "op") return `${shortJson(data)} fits no primitive`;
  return `\`${fieldText(path)}\` cannot be ${shortJson(valueAt(data, path))}: ${message}`;
}

/** `into[1]`, `over.j` */
function fieldText(path: readonly PropertyKey[]): string {
  return path
    .map((key, i) => (typeof key === "number" ? `[${key}]` : `${i === 0 ? "" : "."}${String(key)}`))
    .join("");
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    data,
  );
}
