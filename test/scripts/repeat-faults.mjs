// Runs the tests of what may go wrong with a board or its link many times, and names those that do not pass each time:
//
//   node test/scripts/repeat-faults.mjs [TIMES] [FILE...]     20 times all of FILES below, else those given
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const FILES = [
  ...[
    "ask-board",
    "failures",
    "hostile-board",
    "kept-shell",
    "known-boards",
    "local",
    "lock",
    "ssh-faults",
    "ssh-host-key",
  ].map((name) => `test/device/${name}.test.ts`),
  ...["sftp-files", "ssh-silence", "timing"].map((name) => `test/device/${name}.test.ts`),
  "test/driver/boards/spread.test.ts",
  ...["boards", "doctor", "kept-copies", "loopback-board", "run-script", "ssh", "ssh-access"].map(
    (name) => `test/board/${name}.test.ts`,
  ),
  ...["ssh-logins", "ssh-slow"].map((name) => `test/board/${name}.test.ts`),
];

const words = process.argv.slice(2);
const times = /^\d+$/.test(words[0] ?? "") ? Number(words.shift()) : 20;
const files = words.length > 0 ? words : FILES;
const folder = mkdtempSync(join(tmpdir(), "repeat-faults-"));
const report = join(folder, "report.json");
/** How often each test ran and passed, and what the last failure said. @type {Map<string, { ran: number, passed: number, said: string }>} */
const found = new Map();

const vitest = ["node_modules/.bin/vitest", "run", "--config", "test/vitest.config.ts", "--reporter=json"];
for (let time = 1; time <= times; time++) {
  const began = performance.now();
  rmSync(report, { force: true });
  const { status, stderr } = spawnSync("node", [...vitest, `--outputFile=${report}`, ...files], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  let failed = 0;
  try {
    for (const { name, assertionResults } of JSON.parse(readFileSync(report, "utf8")).testResults) {
      for (const { fullName, status, failureMessages } of assertionResults) {
        if (status === "skipped" || status === "pending") continue;
        const key = `${name.replace(/^.*\/test\//, "test/")}: ${fullName}`;
        const known = found.get(key) ?? { ran: 0, passed: 0, said: "" };
        const passed = status === "passed";
        if (!passed) failed++;
        found.set(key, {
          ran: known.ran + 1,
          passed: known.passed + (passed ? 1 : 0),
          said: passed ? known.said : String(failureMessages[0]).split("\n").slice(0, 8).join("\n    "),
        });
      }
    }
  } catch {
    console.error(`no report (status ${status}): ${stderr.slice(-1000)}`);
    process.exit(1);
  }
  console.log(`${time} of ${times}: ${failed} failed (${((performance.now() - began) / 1000).toFixed(0)} s)`);
}
rmSync(folder, { recursive: true, force: true });
const flaky = [...found].filter(([, { ran, passed }]) => passed < ran || ran < times);
for (const [name, { ran, passed, said }] of flaky) console.log(`${passed} of ${ran}: ${name}\n    ${said}`);
console.log(`${found.size - flaky.length} of ${found.size} tests passed ${times} of ${times} times`);
process.exitCode = flaky.length > 0 ? 1 : 0;
