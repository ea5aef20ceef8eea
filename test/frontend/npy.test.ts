import { readFileSync } from "node:fs";
import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { readNpy, readNpyOf, readNpz, writeNpy, writeNpz } from "../../compiler/frontend/npy.ts";
import { messageOf } from "./onnx-model.ts";

const fixture = (name: string): Uint8Array =>
  readFileSync(new URL(`../fixtures/digits/${name}`, import.meta.url));

/** A .npy file from its header's dictionary and the bytes behind it. */
function npy(dictionary: string, data: ArrayBufferView): Uint8Array {
  const header = Buffer.from(dictionary, "latin1");
  const size = Buffer.alloc(2);
  size.writeUInt16LE(header.length);
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.concat([Buffer.from("\x93NUMPY\x01\x00", "latin1"), size, header, bytes]);
}
const dictionary = (descr: string, shape: string, order = "False"): string =>
  `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${shape}), }\n`;

describe("arrays", () => {
  test("NumPy's own file, and ours byte for byte the same", () => {
    const array = readNpy(fixture("one.npy"), "one.npy");
    expect(array.shape).toEqual([1, 1, 8, 8]);
    expect(Buffer.from(writeNpy(array)).equals(fixture("one.npy"))).toBe(true);
  });

  test("an archive with images and labels", () => {
    const arrays = readNpz(fixture("test.npz"), "test.npz");
    expect(arrays.get("images")?.shape).toEqual([360, 1, 8, 8]);
    expect(arrays.get("labels")?.shape).toEqual([360]);
    expect(Math.max(...(arrays.get("labels")?.data ?? []))).toBe(9);
    expect(readNpz(writeNpz(arrays), "again")).toEqual(arrays);
  });

  test.each([
    ["<f8", Float64Array.of(1.5, -2)],
    ["<i8", BigInt64Array.of(3n, -4n)],
    ["|u1", Uint8Array.of(5, 255)],
    ["<i2", Int16Array.of(-6, 7)],
    ["|b1", Uint8Array.of(0, 1)],
  ])("%s is converted", (descr, data) => {
    expect([...readNpy(npy(dictionary(descr, "2,"), data), "a").data]).toEqual(Array.from(data, Number));
  });

  test("big-endian and Fortran order", () => {
    const big = readNpy(npy(dictionary(">i2", "2,"), Uint8Array.of(1, 2, 0, 9)), "a");
    expect([...big.data]).toEqual([258, 9]);
    const columns = readNpy(npy(dictionary("<f4", "2, 3", "True"), Float32Array.of(1, 4, 2, 5, 3, 6)), "a");
    expect(columns).toEqual({ shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) });
  });

  test("float16 is converted, too", () => {
    const halves = readNpy(npy(dictionary("<f2", "3,"), Uint16Array.of(0x3c00, 0xc000, 0x0001)), "a");
    expect([...halves.data]).toEqual([1, -2, 2 ** -24]);
  });

  test.each([
    ["f32", "<f4", Float32Array.of(0.1, -2)],
    ["f16", "<f2", Float32Array.of(0.5, 65504)],
    ["i8", "|i1", Int8Array.of(-128, 127)],
    ["u8", "|u1", Uint8Array.of(0, 255)],
    ["i32", "<i4", Int32Array.of(-(2 ** 31), 7)],
  ] as const)("numbers of %s are written and read as they are", (dtype, descr, data) => {
    const bytes = writeNpy({ shape: [2], data }, dtype);
    expect(Buffer.from(bytes).toString("latin1")).toContain(`'descr': '${descr}'`);
    expect(readNpyOf(bytes, "a", dtype)).toEqual({ shape: [2], data });
  });

  test("a scalar", () => {
    const scalar = { shape: [], data: Float32Array.of(7) };
    expect(readNpy(writeNpy(scalar), "a")).toEqual(scalar);
  });
});

describe("errors", () => {
  test("F301 not .npy", () => {
    expect(
      messageOf(() => readNpy(new TextEncoder().encode("1,2,3"), "x.npy")),
    ).toBe(`error[F301]: \`x.npy\` is not a NumPy .npy file
  why:   it does not begin as one
  help:  write it with numpy.save(file, array)`);
    expect(messageOf(() => readNpy(fixture("one.npy").subarray(0, 60), "x.npy"))).toContain(
      "why:   it ends within its header",
    );
  });

  test("F302 type", () => {
    expect(
      messageOf(() => readNpy(npy(dictionary("<c8", "1,"), new Uint8Array(8)), "x.npy")),
    ).toBe(`error[F302]: \`x.npy\` holds values of type \`<c8\`
  why:   networks take float32; float64 and integers are converted
  help:  convert it with array.astype("float32")`);
  });

  test("F306 another type", () => {
    expect(
      messageOf(() => readNpyOf(npy(dictionary("<i8", "1,"), BigInt64Array.of(3n)), "x.npy", "i8")),
    ).toBe(`error[F306]: \`x.npy\` holds values of NumPy's type \`i8\`, where int8 is taken
  why:   no number is converted to another type than float32
  help:  convert it with array.astype("int8")`);
  });

  test("F303 length", () => {
    expect(
      messageOf(() => readNpy(fixture("one.npy").subarray(0, 200), "x.npy")),
    ).toBe(`error[F303]: \`x.npy\` does not have the length its header says
  why:   shape [1, 1, 8, 8] needs 256 bytes of values, the file has 72
  help:  copy or write the file again`);
  });

  test("F304 too large", () => {
    expect(
      messageOf(() => readNpy(npy(dictionary("<f4", "1000000, 1000000"), new Uint8Array(4)), "x.npy")),
    ).toBe(`error[F304]: \`x.npy\` is too large
  why:   [1000000, 1000000] has 1000000000000 elements, the limit is 268435456`);
    const huge = `0, 1${"0".repeat(400)}`;
    expect(messageOf(() => readNpy(npy(dictionary("<f4", huge), new Uint8Array()), "x.npy"))).toContain(
      "error[F304]: `x.npy` is too large",
    );
    const ranks = Array.from({ length: 65 }, () => 1).join();
    expect(messageOf(() => readNpy(npy(dictionary("<f4", ranks), new Uint8Array(4)), "x.npy"))).toContain(
      "why:   its header names 65 dimensions, NumPy has 64 at most",
    );
  });

  test("F305 not .npz", () => {
    expect(
      messageOf(() => readNpz(fixture("one.npy"), "x.npz")),
    ).toBe(`error[F305]: \`x.npz\` is not a NumPy .npz archive
  why:   invalid zip data
  help:  write it with numpy.savez(file, name=array)`);
    const other = zipSync({ "a.txt": new Uint8Array(3) });
    expect(messageOf(() => readNpz(other, "x.npz"))).toContain("why:   it holds no .npy array");
  });
});
