import { UserError } from "../../support/diagnostic.ts";
import { readTextFile } from "../../support/read-text-file.ts";
import { type GateRules, gateRulesSchema } from "./gate-rules.schema.ts";

/** A hundred thousand rules. */
const MOST_BYTES = 2 ** 26;

/** Reads what `gate calibrate` wrote. Throws R166 for a file that cannot be read or holds something else. */
export async function readGateRules(path: string): Promise<GateRules> {
  let value: unknown;
  try {
    value = JSON.parse(await readTextFile(path, MOST_BYTES));
  } catch (error) {
    throw noRules(path, error instanceof Error ? error.message : String(error));
  }
  const parsed = gateRulesSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw noRules(path, `${issue.path.join(".") || "the file"}: ${issue.message}`);
}

function noRules(path: string, why: string): UserError {
  return new UserError({
    code: "R166",
    exit: "badInput",
    title: `\`${path}\` holds no rules of a gate`,
    why,
    help: ["`tilewright gate calibrate RESULTS... -o FILE` writes such files"],
  });
}
