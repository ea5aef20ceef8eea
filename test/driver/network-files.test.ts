import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readInputs, writeOutputs } from "../../compiler/driver/run/network-files.ts";
import { readNpy, writeNpy, writeNpz } from "../../compiler/frontend/npy.ts";
import { messageOf } from "../support/message.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-files-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const values = (...data: number[]) => ({ shape: [1, data.length], data: Float32Array.from(data) });
const put = (name: string, bytes: Uint8Array): string => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};
const a = put("a.npy", writeNpy(values(1, 2)));
const b = put("b=b.npy", writeNpy(values(3, 4)));
const both = put(
  "both.npz",
  writeNpz(
    new Map([
      ["x", values(5, 6)],
      ["y", values(7, 8)],
      ["labels", values(0)],
    ]),
  ),
);
const raw = put("raw.bin", new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer));
const x = { name: "x", shape: [1, 2] };
const y = { name: "y", shape: [1, 2] };
const read = async (texts: string[], ports = [x, y]) =>
  Object.fromEntries([...(await readInputs(texts, ports))].map(([name, v]) => [name, [...v.data]]));
const shown = (text: string): string => text.replaceAll(folder, "DIR");

describe("inputs", () => {
  it("are taken in order, by name, from archives and from raw floats", async () => {
    expect(await read([a, b])).toEqual({ x: [1, 2], y: [3, 4] });
    expect(await read([`y=${a}`, b])).toEqual({ x: [3, 4], y: [1, 2] });
    expect(await read([both])).toEqual({ x: [5, 6], y: [7, 8] });
    expect(await read([`${both}:labels`], [x])).toEqual({ x: [0] });
    expect(await read([`x=${both}:y`], [x])).toEqual({ x: [7, 8] });
    expect((await readInputs([raw], [x])).get("x")).toEqual({
      shape: [2, 2],
      data: Float32Array.of(1, 2, 3, 4),
    });
  });

  it("that cannot be used are told with what was expected", async () => {
    const why = async (texts: string[], ports = [x]) =>
      shown(await messageOf(() => readInputs(texts, ports)));
    expect(await why([join(folder, "none.npy")])).toMatchInlineSnapshot(`
      "error[R114]: cannot read the input \`DIR/none.npy\`
        why:   ENOENT: no such file or directory, open 'DIR/none.npy'"
    `);
    expect(await why([`${both}:z`])).toMatchInlineSnapshot(`
      "error[R112]: \`DIR/both.npz\` holds no array \`z\`
        why:   it holds x, y, labels
        help:  DIR/both.npz:ARRAY chooses one"
    `);
    expect(await why([both], [{ name: "image", shape: [1, 2] }])).toMatchInlineSnapshot(`
      "error[R112]: \`DIR/both.npz\` holds no array \`image\`
        why:   it holds x, y, labels
        help:  DIR/both.npz:ARRAY chooses one"
    `);
    expect(await why([a, a])).toMatchInlineSnapshot(`
      "error[R116]: there is no input left for \`DIR/a.npy\`
        why:   the network's inputs: x [1, 2]"
    `);
    expect(await why([put("odd.bin", new Uint8Array(12))])).toMatchInlineSnapshot(`
      "error[R113]: \`DIR/odd.bin\` has 12 bytes, the network's input \`x\` takes 8
        why:   it is [1, 2] of 4-byte floats; a file that is neither .npy nor .npz holds nothing else"
    `);
  });
});

describe("outputs", () => {
  it("become files in the folder, whatever the model calls them", async () => {
    const out = join(folder, "out");
    const outputs = new Map([
      ["../../p", values(1)],
      [".._.._p", values(2)],
      ["a:b", values(3)],
    ]);
    const files = await writeOutputs(out, outputs);
    expect([...files.values()].map(shown)).toEqual([
      "DIR/out/_._.._p.npy",
      "DIR/out/_._.._p-2.npy",
      "DIR/out/a_b.npy",
    ]);
    for (const [name, file] of files) expect(readNpy(readFileSync(file), file)).toEqual(outputs.get(name));
    expect(existsSync(join(folder, "p.npy"))).toBe(false);
  });

  it("that hold other numbers than an input takes are told before anything is rounded", async () => {
    const wide = put("wide.npy", writeNpy({ shape: [2], data: Int32Array.of(7, 2 ** 24 + 1) }, "i32"));
    const port = { name: "x", shape: [2], dtype: "i64" } as const;
    expect(await messageOf(() => readInputs([wide], [port]))).toBe(
      `error[R117]: input \`x\` is i64 and cannot hold 16777217 (element 1)
  why:   it takes whole numbers from -16777216 to 16777216: the network computes in float32
  help:  give numbers that the model was made for, in the type it declares`,
    );
    const bits = put("bits.bin", new Uint8Array(BigInt64Array.of(2n ** 24n + 1n, 0n).buffer));
    expect(await messageOf(() => readInputs([bits], [port]))).toContain("cannot hold 16777217 (element 0)");
    const half = put("half.npy", writeNpy({ shape: [2], data: Float32Array.of(1, 0.5) }));
    expect(await messageOf(() => readInputs([half], [{ ...port, dtype: "u8" }]))).toContain(
      "cannot hold 0.5 (element 1)",
    );
    const narrow = put("narrow.npy", writeNpy({ shape: [2], data: Uint8Array.of(0, 255) }, "u8"));
    expect((await readInputs([narrow], [port])).get("x")?.data).toEqual(Float32Array.of(0, 255));
  });

  it("are written in their port's type", async () => {
    const out = join(folder, "typed");
    const outputs = new Map([["y", { shape: [3], data: Float32Array.of(0, 1, 1) }]]);
    const codes = { i64: "'<i8'", bool: "'|b1'", u8: "'|u1'", f32: "'<f4'" } as const;
    for (const [dtype, code] of Object.entries(codes)) {
      const ports = [{ name: "y", shape: [3], dtype: dtype as keyof typeof codes }];
      const file = (await writeOutputs(out, outputs, ports)).get("y") ?? "";
      expect(readFileSync(file, "latin1")).toContain(`'descr': ${code}`);
      expect(readNpy(readFileSync(file), file).data).toEqual(Float32Array.of(0, 1, 1));
    }
  });

  it("that cannot be written are told", async () => {
    expect(shown(await messageOf(() => writeOutputs(join(a, "sub"), new Map())))).toMatchInlineSnapshot(`
      "error[R115]: cannot write \`DIR/a.npy/sub\`
        why:   ENOTDIR: not a directory, mkdir 'DIR/a.npy/sub'"
    `);
  });
});
