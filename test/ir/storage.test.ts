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
import { defined } from "../../compiler/support/assert.ts";

describe("storage as text", () => {
  test.each([
    "0 1 2 3",
    "0 1/4 2 3 1%4",
    "0 1/4 2+1,1 3+1,2 1%4",
    "1%2 0 1/2",
    "1%2+0,1",
    "1/8 0/2 1%8/4 1%4/2 0%2 1%2",
  ])("%s", (text) => {
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

  test.each([
    "",
    "0",
    "0 1 2",
    "0 1/4",
    "0 1/4 1%2",
    "0 1/0 1%0",
    "0 0 1",
    "0 x",
    "0 1%4 1%4",
    "0 1/4 1%4/2 1%4",
    "0 1/8 1%4/2 1%2",
    "0 1/6 1%6/4 1%4",
    "0 1/4 1%4/0 1%0",
    "0 1%4/2 1%2",
  ])("%j is none of [2, 8]", (text) => {
    expect(parseStorage(text, [2, 8])).toBeUndefined();
  });

  test("blocks of blocks: oneDNN's OIhw4i16o2i, and back", () => {
    const storage = defined(parseStorage("0/4 1/8 1%8/2 0%4 1%2", [6, 9]), "storage");
    const data = Float32Array.from({ length: 54 }, (_, i) => i + 1);
    const packed = pack(storage, data);
    expect(packed.length).toBe(8 * 16);
    // o 5, i 3: block 1 of o, block 0 of i, pair 1, o 1 of it, i 1 of the pair
    expect(packed[(((1 * 2 + 0) * 4 + 1) * 4 + 1) * 2 + 1]).toBe(data[5 * 9 + 3]);
    expect(unpack(storage, packed)).toEqual(data);
  });

  test("a plain storage is complete", () => {
    expect(isComplete(plainStorage([2, 3]))).toBe(true);
    expect(isComplete({ ...plainStorage([2, 3]), halo: [] })).toBe(false);
  });
});
