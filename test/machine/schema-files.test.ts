import { describe, expect, it } from "vitest";
import { z } from "zod";
import { boardSchema, coreSchema, isaSchema } from "../../compiler/machine/target.schema.ts";

const SCHEMAS = { board: boardSchema, core: coreSchema, isa: isaSchema };

/** Editors complete and check targets/*.json from these files; `make golden` rewrites them. */
describe("targets/schema", () => {
  it.each(Object.entries(SCHEMAS))("%s.schema.json is what the compiler checks", async (name, schema) => {
    const text = `${JSON.stringify(z.toJSONSchema(schema), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot(`../../targets/schema/${name}.schema.json`);
  });
});
