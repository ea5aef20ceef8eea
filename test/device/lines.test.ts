import { expect, test } from "vitest";
import { byLines } from "../../compiler/device/lines.ts";

test("lines are told when they are whole, however their bytes arrive", () => {
  const text = Buffer.from("one\n\nthree: µ\nno end");
  for (let size = 1; size <= text.length; size++) {
    const told: string[] = [];
    const take = byLines((line) => told.push(line));
    for (let at = 0; at < text.length; at += size) take(text.subarray(at, at + size));
    expect(told).toEqual(["one", "", "three: µ"]);
  }
});

test("a line without an end fills no memory", () => {
  const told: string[] = [];
  const take = byLines((line) => told.push(line));
  for (let i = 0; i < 40; i++) take(Buffer.alloc(1 << 20, "x"));
  take(Buffer.from("\nnext\n"));
  expect(told).toEqual(["", "next"]);
});
