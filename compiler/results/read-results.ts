import { UserError } from "../support/diagnostic.ts";
import { readTextFile } from "../support/read-text-file.ts";
import { type Results, resultsSchema } from "./results.schema.ts";

/** A hundred thousand layers with their samples. */
const MOST_BYTES = 2 ** 28;

/** Reads what `test --results` wrote. Throws R161 for a file that cannot be read, R162 for one of something else. */
export async function readResults(path: string): Promise<Results> {
  const parsed = resultsSchema.safeParse(jsonOf(path, await textOf(path)));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw foreign(path, `${issue.path.join(".") || "the file"}: ${issue.message}`);
}

async function textOf(path: string): Promise<string> {
  try {
    return await readTextFile(path, MOST_BYTES);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UserError(
      { code: "R161", exit: "badInput", title: `the results \`${path}\` cannot be read`, why },
      { cause: error },
    );
  }
}

function jsonOf(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw foreign(path, error instanceof Error ? error.message : String(error));
  }
}

function foreign(path: string, why: string): UserError {
  return new UserError({
    code: "R162",
    exit: "badInput",
    title: `\`${path}\` holds no results of a test run`,
    why,
    help: ["`tilewright test MODEL --results FILE` writes such files"],
  });
}
