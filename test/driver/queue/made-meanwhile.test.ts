import { expect, test } from "vitest";
import { makeWhatIsMissing } from "../../../compiler/driver/queue/server/made-meanwhile.ts";

const fails = (code: string, times: number) => {
  let left = times;
  return async (): Promise<string> => {
    if (left-- > 0) throw Object.assign(new Error(code), { code });
    return "made";
  };
};

test("what another session makes in the same moment is no error, whatever else is", async () => {
  expect(await makeWhatIsMissing(fails("42P06", 1))).toBe("made");
  expect(await makeWhatIsMissing(fails("23505", 4))).toBe("made");
  await expect(makeWhatIsMissing(fails("42P07", 5))).rejects.toThrow("42P07");
  await expect(makeWhatIsMissing(fails("42501", 1))).rejects.toThrow("42501");
});
