// Writes anew what README.md shows of the demo and of bench-compiler: update-readme.mjs; see `make readme`.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const file = new URL("../../README.md", import.meta.url);

/** What a command prints; its failure is ours. */
function printed(command, ...args) {
  const env = { ...process.env, NO_COLOR: "1", CI: "1" };
  const { status, stdout } = spawnSync(command, args, {
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed`);
  return stdout;
}

/** Puts `text` into the fence marked `use`. */
function fill(use, text) {
  const fence = new RegExp(`(^\`\`\`text ${use}\\n)[\\s\\S]*?(^\`\`\`$)`, "m");
  const readme = readFileSync(file, "utf8");
  writeFileSync(
    file,
    readme.replace(fence, (_, begin, end) => `${begin}${text.trim()}\n${end}`),
  );
}

fill("demo", printed("test/scripts/demo.sh"));
fill("bench-compiler", printed(process.execPath, "test/scripts/bench-compiler.mjs"));
