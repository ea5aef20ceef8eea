import { expect, it } from "vitest";
import { makeSteps } from "../../compiler/cli/steps.ts";
import { processTerminal } from "../../compiler/cli/terminal.ts";

it("a step is one plain line where nobody watches", async () => {
  const notes: string[] = [];
  const steps = makeSteps({
    ...processTerminal({ CI: "1" }),
    note: (line) => void notes.push(line.replace(/[\d.]+ s/, "0 s")),
  });
  const result = await steps.run("reading", async (report) => {
    report("half");
    report("12 nodes");
    return 7;
  });
  expect(result).toBe(7);
  expect(notes).toEqual(["reading: 12 nodes (0 s)"]);
  await expect(steps.run("failing", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(notes).toHaveLength(1);
});
