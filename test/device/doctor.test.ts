import { describe, expect, test } from "vitest";
import { hostKeyUnknown, noAnswer } from "../../compiler/device/board-failures.ts";
import { type Finding, failedAt, HOPS, judgeBoard } from "../../compiler/device/doctor.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { STAND_INS, standIn } from "./stand-in.ts";

const shown = (found: readonly Finding[]): string[] =>
  found
    .filter(({ verdict }) => verdict !== "ok")
    .map(({ hop, verdict, says }) => `${verdict} ${hop}: ${says}`);

describe("what is judged of a board", () => {
  test.each(STAND_INS)("%s has every hop, in order", (name) => {
    const { facts, state } = standIn(name);
    const hops = judgeBoard({ ...facts, diskFreeMiB: 9000, executes: true }, state, undefined).map(
      ({ hop }) => hop,
    );
    expect([...new Set(hops)]).toEqual(HOPS.slice(0, -1));
  });

  test("a board at rest, of another governor, that was throttled", () => {
    const { facts, state } = standIn("rpi4");
    expect(shown(judgeBoard({ ...facts, diskFreeMiB: 120, executes: true }, state, undefined))).toEqual([
      "warn disk: 120 MiB free",
      "warn governor: governor ondemand changes the clock while times are measured: set `performance`",
      "warn throttling: since it was started its firmware has seen: too little power, throttled",
    ]);
  });

  test("a hot board with a wrong target and a disk that executes nothing", () => {
    const { facts, state } = standIn("rpi4", (text) =>
      text.replace("48312", "84000").replace("ondemand", "performance"),
    );
    const found = judgeBoard({ ...facts, diskFreeMiB: 9000, executes: false }, state, loadTarget("rpi5"));
    expect(shown(found).slice(0, 3)).toEqual([
      "fail noexec: files in its folder of copies may not be executed",
      "fail target: rpi5: its cores lack fp16, dotprod, which code for cortex-a76 may use",
      "warn target: rpi5: its cores are cortex-a72, not cortex-a76: kernels are tuned for another core",
    ]);
    expect(shown(found)).toContain("warn heat: it is hot: 84 °C (--cool-down 55C waits)");
    expect(found.filter(({ verdict }) => verdict !== "ok").every(({ help = [] }) => help.length > 0)).toBe(
      true,
    );
  });

  test("sensors are named, and their absence is said", () => {
    const sensors = (name: string): string | undefined => {
      const { facts, state } = standIn(name);
      return judgeBoard(facts, state, undefined).find(({ hop }) => hop === "sensors")?.says;
    };
    expect([sensors("orin-nano"), sensors("rpi4")]).toEqual([
      "ina3221",
      "none tells power: energy is not measured",
    ]);
  });
});

describe("a board that cannot be opened", () => {
  const at = { name: "pi@attic", host: "attic", port: 22, user: "pi" };
  const key = { type: "ssh-ed25519", fingerprint: "SHA256:abc", lookup: "attic" };
  test("fails at the hop where that happened, and those before are right", () => {
    expect(
      failedAt(noAnswer(at, "no route").diagnostic).map(({ hop, verdict }) => `${verdict} ${hop}`),
    ).toEqual(["ok resolve", "fail connect"]);
    const found = failedAt(hostKeyUnknown(at, key, ["known_hosts"]).diagnostic);
    expect(found.at(-1)).toMatchObject({ hop: "host key", verdict: "fail", exit: "boardRefused" });
    expect(found.at(-1)?.help?.[0]).toContain("log in once");
  });
});
