import { describe, expect, test } from "vitest";
import { differenceOf, refuseUnequal } from "../../../compiler/driver/boards/equal-boards.ts";
import { spreading, spreadOver } from "../../../compiler/driver/boards/spread.ts";
import { UserError } from "../../../compiler/support/diagnostic.ts";
import { messageOf } from "../../device/message-of.ts";
import { standIn } from "../../device/stand-in.ts";

const lost = new UserError({ code: "D133", exit: "boardUnreachable", title: "the connection is gone" });
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe("work over several boards", () => {
  test("is done by all of them at a time, each once, and results stand in its order", async () => {
    const at = new Map<string, number[]>();
    const results = await spreadOver(["a", "b"], [1, 2, 3, 4, 5, 6], async (piece, board) => {
      at.set(board, [...(at.get(board) ?? []), piece]);
      await pause(board === "a" ? 2 : 10);
      return piece * 10;
    });
    expect(results).toEqual([10, 20, 30, 40, 50, 60]);
    expect([...at.keys()].sort()).toEqual(["a", "b"]);
    expect([...at.values()].flat().sort()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("of a board that is lost goes to the others, also to those that were through", async () => {
    const told: string[] = [];
    const results = await spreadOver(
      ["quick", "lost"],
      ["x", "y"],
      async (piece, board) => {
        await pause(board === "lost" ? 20 : 1);
        if (board === "lost") throw lost;
        return `${piece} by ${board}`;
      },
      { onLost: (board, why) => told.push(`${board}: ${why.message}`) },
    );
    expect(results).toEqual(["x by quick", "y by quick"]);
    expect(told).toEqual(["lost: the connection is gone"]);
  });

  test("ends with the error of the last board, and with any other error at once", async () => {
    const all = spreadOver(["a", "b"], [1, 2, 3], () => Promise.reject(lost));
    await expect(all).rejects.toBe(lost);
    const wrong = new Error("a bug");
    const done: number[] = [];
    const some = spreadOver(["a", "b"], [1, 2, 3, 4], async (piece) => {
      if (piece === 1) throw wrong;
      await pause(5);
      done.push(piece);
    });
    await expect(some).rejects.toBe(wrong);
    expect(done).toEqual([2]);
    await expect(spreadOver(["a"], [], () => Promise.reject(wrong))).resolves.toEqual([]);
  });

  test("keeps out a board that was lost before", async () => {
    const spread = spreading(["a", "b"], () => {});
    const seen: string[] = [];
    const once = () =>
      spread([1, 2, 3], async (_, board) => {
        seen.push(board);
        await pause(1);
        if (board === "b") throw lost;
      });
    await once();
    seen.length = 0;
    await once();
    expect(seen).toEqual(["a", "a", "a"]);
  });
});

describe("boards that share work are equal", () => {
  const rpi4 = standIn("rpi4");

  test("or are refused by name", async () => {
    const boards = [
      { name: "pi@a", kind: rpi4 },
      { name: "pi@b", kind: standIn("rpi5") },
    ];
    expect(await messageOf((async () => refuseUnequal(boards))())).toBe(
      [
        "error[D184]: `pi@b` is not equal to `pi@a`: their times cannot stand side by side",
        "  why:   cores: 4 of 0x41:0xd0b, and 4 of 0x41:0xd08 there",
        "  help:  spread work over boards of one kind, set alike; take others one at a time",
      ].join("\n"),
    );
  });

  test("in what they tell: a clock that is held down counts, what one does not tell does not", () => {
    expect(differenceOf(rpi4, rpi4)).toBeUndefined();
    const slow = {
      ...rpi4,
      state: { ...rpi4.state, coreStates: rpi4.state.coreStates.map((core) => ({ ...core, limitMHz: 600 })) },
    };
    expect(differenceOf(rpi4, slow)).toBe("greatest clock: 600 MHz, and 1800 MHz there");
    expect(differenceOf(rpi4, { facts: { cores: [] }, state: { coreStates: [] } })).toBeUndefined();
  });
});
