// Writes what README.md shows of reports: one report in light and dark colours and on a phone, with headless Chromium.
//
//   node test/scripts/screenshots.mjs [--report FILE.html] [--out FOLDER]
//
// Without --report it is one of an emulated board, whose figures are the same each time.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { launch } from "puppeteer-core";
import { findProgram } from "../../dist/toolchain/toolchain.js";

const { values } = parseArgs({
  options: { report: { type: "string" }, out: { type: "string", default: "test/docs/screenshots" } },
});
const MODEL = "zoo:mobilenet-v1@128";
const BOARD = "qemu-rpi4";
/** Quality of WebP: text stays sharp, a file stays below 100 kB. */
const QUALITY = 60;
const SHOTS = [
  { name: "light", scheme: "light", width: 1240, height: 1450 },
  { name: "dark", scheme: "dark", width: 1240, height: 1450 },
  { name: "phone", scheme: "light", width: 390, height: 1330 },
];

const program = ["chromium", "chromium-browser", "google-chrome"]
  .map((name) => findProgram(name))
  .find(Boolean);
if (program === undefined) {
  console.error("screenshots: chromium is needed (apt-get install chromium)");
  process.exit(1);
}
const folder = mkdtempSync(join(tmpdir(), "tilewright-screenshots-"));
// a container's root has no sandbox, and little shared memory
const args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];
const browser = await launch({ executablePath: program, headless: true, args });
try {
  const file = values.report ?? made();
  mkdirSync(values.out, { recursive: true });
  for (const shot of SHOTS) await shoot(file, shot);
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}

function made() {
  const file = join(folder, "report.html");
  const words = ["dist/cli/main.js", "report", MODEL, "--board", BOARD, "-o", file];
  const { status } = spawnSync(process.execPath, words, { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
  return file;
}

async function shoot(file, { name, scheme, width, height }) {
  const page = await browser.newPage();
  await page.setViewport({ width, height });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await page.goto(pathToFileURL(resolve(file)).href, { waitUntil: "load" });
  const path = join(values.out, `report-${name}.webp`);
  await page.screenshot({ path, type: "webp", quality: QUALITY });
  await page.close();
  console.log(`${path}: ${Math.round(statSync(path).size / 1000)} kB`);
}
