import { describe, expect, test } from "vitest";
import { opTask } from "../../compiler/driver/decide/op-task.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { chosenTile, offered } from "../../compiler/ops/tiles.ts";
import { chosen, preferred } from "../../compiler/schedule/choose.ts";
import { compileTask } from "../../compiler/task/compile-task.ts";

const tiles = [
  { name: "a1", cost: 12 },
  { name: "a2", cost: 10 },
  { name: "b1", cost: 10 },
  { name: "a3", cost: 10.5 },
  { name: "c1", cost: 13 },
  { name: "far", cost: 20 },
  { name: "b2", cost: 11 },
  { name: "b3", cost: 11.5 },
  { name: "b4", cost: 11.6 },
];

describe("options of a tile", () => {
  const options = offered(tiles, ({ name }) => name.slice(0, 1));

  test("are the cheapest, one of each kind, then what is next; none that is far off", () => {
    expect(options.map(({ name }) => name)).toEqual(["a2", "b1", "c1", "a3", "b2", "b3", "b4", "a1"]);
  });

  test("are set by a knob", () => {
    const label = ({ name }: { readonly name: string }): string => name;
    expect(chosenTile(preferred, options, label)).toBe(tiles[1]);
    expect(chosenTile(chosen({ tile: "c1" }), options, label)).toBe(tiles[4]);
  });
});

describe.each(["rpi3", "rpi4", "rpi5"])("registers of a tile on %s", (board) => {
  const target = loadTarget(board);
  const intents = (dims: Readonly<Record<string, number>>): readonly string[] =>
    compileTask(opTask("conv2d", { IC: 16, OC: 16, OH: 8, OW: 8, ...dims }, target), target).intents;

  test("are all taken in turns", () => {
    expect(intents({})).toContain("spread-registers");
    expect(intents({ KH: 3, KW: 3 })).toContain("spread-registers");
    expect(intents({ G: 16, IC: 1, OC: 1, KH: 3, KW: 3 })).toContain("spread-registers");
  });

  test("are not where weights are read as a stream, for a single pixel: loads would leave their order", () => {
    expect(intents({ OH: 1, OW: 1 })).toEqual(["keep-order"]);
  });
});

describe("what some cores are asked for", () => {
  const intents = (op: string, board: string, dims: Readonly<Record<string, number>>): readonly string[] => {
    const target = loadTarget(board);
    return compileTask(opTask(op, dims, target), target).intents;
  };
  const tiles = {
    N: 1,
    G: 1,
    IC: 16,
    OC: 16,
    RB: 2,
    TR: 1,
    CB: 1,
    TC: 7,
    VC: 16,
    IH: 10,
    IW: 30,
    OH: 8,
    OW: 28,
  };

  test.each(["rpi3", "rpi4", "rpi5"])("on %s", (board) => {
    const [depthwise, narrow] = [1, 2].map((n) =>
      intents("conv2d", board, { G: 16, IC: n, OC: n, OH: 8, OW: 8, KH: 3, KW: 3 }),
    );
    expect(depthwise.includes("keep-loops")).toBe(board === "rpi3");
    expect(narrow).not.toContain("keep-loops");
    const isWide = intents("winograd4", board, tiles).includes("wide-order");
    expect(isWide).toBe(board === "rpi3");
    // products are nearly all of it
    expect(intents("winograd4", board, { ...tiles, IC: 64, VC: 64 })).not.toContain("wide-order");
  });

  test.each(["rpi3", "rpi4", "rpi5"])("values stay apart but in loops of few turns on %s", (board) => {
    const inOrder = board === "rpi3";
    expect(intents("winograd4", board, tiles).includes("keep-chains")).toBe(inOrder);
    expect(intents("winograd4", board, { ...tiles, IC: 64, VC: 64 })).toContain("keep-chains");
  });
});
