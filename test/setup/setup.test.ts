import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";

const root = mkdtempSync(join(tmpdir(), "tilewright-setup-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Runs .ci/setup on a machine that has only the given commands, each a shell script. */
function setup(commands: Readonly<Record<string, string>>): { status: number | null; text: string } {
  const folder = mkdtempSync(join(root, "bin-"));
  for (const [name, script] of Object.entries(commands)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  for (const name of ["uname", "env", "cat"]) {
    symlinkSync(
      execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim(),
      join(folder, name),
    );
  }
  const { status, stdout, stderr } = spawnSync("/bin/bash", [join(PACKAGE_ROOT, ".ci/setup")], {
    env: { PATH: folder },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  return { status, text: stdout + stderr };
}
const USER = { id: "echo 1000" };
const ROOT = { id: "echo 0" };
const APT = { "apt-get": `echo "apt-get $DEBIAN_FRONTEND $@" >&2` };

describe("make setup", () => {
  it("as root installs what is missing, after an update", () => {
    const { status, text } = setup({ ...ROOT, ...APT });
    expect(status).toBe(0);
    expect(text).toMatch(
      /^setup: installing gcc .*qemu-user gcc-aarch64-linux-gnu .*gcc-arm-linux-gnueabihf/m,
    );
    expect(text).toMatch(
      /^apt-get noninteractive update -q\napt-get noninteractive -q .*install -y --no-install-recommends gcc .*qemu-user/m,
    );
  });

  it("goes through sudo when there is one", () => {
    const { status, text } = setup({
      ...USER,
      ...APT,
      sudo: '[ "$1" = -n ] && shift; echo "sudo $1" >&2; "$@"',
      true: "",
    });
    expect(status).toBe(0);
    expect(text).toContain("sudo env\napt-get noninteractive update");
  });

  it("without root and sudo says what to type", () => {
    const { status, text } = setup({ ...USER, ...APT });
    expect(status).toBe(1);
    expect(text).toMatch(
      /^setup: neither root nor sudo, so packages cannot be installed for you\n {2}missing: gcc .*\n {2}type: {4}sudo apt-get update && sudo apt-get install -y --no-install-recommends gcc .*\n$/,
    );
  });

  it("does not hang where sudo would ask for a password", () => {
    const { status, text } = setup({ ...USER, ...APT, sudo: '[ "$1" = -n ] && exit 1; sleep 60' });
    expect(status).toBe(1);
    expect(text).toContain("setup: sudo wants a password and there is no terminal to ask on\n");
  });

  it("says so when apt-get fails, or is not there", () => {
    expect(setup({ ...ROOT, "apt-get": "exit 100" })).toMatchObject({
      status: 1,
      text: expect.stringContaining("setup: apt-get update failed\n"),
    });
    expect(setup(ROOT)).toMatchObject({
      status: 1,
      text: expect.stringContaining("setup: this system has no apt-get"),
    });
  });
});
