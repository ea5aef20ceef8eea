import { describe, expect, test } from "vitest";
import {
  isComplete,
  pack,
  parseStorage,
  plainStorage,
  type Storage,
  storageText,
  unpack,
} from "../../compiler/ir/storage.ts";

describe("storage as text", () => {
  test.each(["0 1 2 3", "0 1/4 2 3 1%4", "0 1/4 2+1,1 3+1,2 1%4", "1%2 0 1/2", "1%2+0,1"])("%s", (text) => {
    const rank = Math.max(...text.split(" ").map((w) => Number(w[0]))) + 1;
    const storage = parseStorage(text, [2, 8, 3, 5].slice(0, rank));
    if (text.includes("%2+")) expect(storage).toBeUndefined();
    else expect(storage && storageText(storage)).toBe(text);
  });

  test("a split dimension names its halo once, at its first part", () => {
    const storage: Storage = {
      shape: [6],
      halo: [{ before: 1, after: 1 }],
      dims: [
        { part: "inner", dim: 0, factor: 4 },
        { part: "outer", dim: 0, factor: 4 },
      ],
    };
    expect(storageText(storage)).toBe("0+1,1%4 0/4");
    expect(parseStorage("0+1,1%4 0/4", [6])).toEqual(storage);
    const data = Float32Array.from([1, 2, 3, 4, 5, 6]);
    expect(unpack(storage, pack(storage, data))).toEqual(data);
  });

  test.each(["", "0", "0 1 2", "0 1/4", "0 1/4 1%2", "0 1/0 1%0", "0 0 1", "0 x", "0 1%4 1%4"])(
    "%j is none of [2, 8]",
    (text) => {
      expect(parseStorage(text, [2, 8])).toBeUndefined();
    },
  );

  test("a plain storage is complete", () => {
    expect(isComplete(plainStorage([2, 3]))).toBe(true);
    expect(isComplete({ ...plainStorage([2, 3]), halo: [] })).toBe(false);
  });
});
