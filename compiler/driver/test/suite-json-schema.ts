import { z } from "zod";
import { suiteSchema } from "./suite.schema.ts";

/** What a suite may hold, as editors and other tools understand it (JSON Schema, draft 2020-12). */
export function suiteJsonSchema(): unknown {
  return z.toJSONSchema(suiteSchema, { io: "input" });
}
