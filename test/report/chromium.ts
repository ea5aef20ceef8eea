import { type Browser, launch, type Page } from "puppeteer-core";
import { findProgram } from "../../compiler/toolchain/toolchain.ts";

/** Debian's name, others' names. */
const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** A headless browser's program; undefined: none is installed. */
export const chromium = NAMES.map((name) => findProgram(name)).find((path) => path !== undefined);

export function startBrowser(): Promise<Browser> {
  return launch({
    executablePath: chromium ?? "",
    headless: true,
    // a container's root has no sandbox, and little shared memory
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  });
}

/**
 * No page scrolls smoothly here: a click goes to where its target stood when it was asked for,
 * which on a busy machine is not where it stands when the click arrives.
 */
export const STILL = { name: "prefers-reduced-motion", value: "reduce" } as const;

/** A page of a browser, and what it did that a report must not do. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors, warnings, and what was asked of the network. */
  readonly complaints: string[];
  /** What the thread that draws the page worked until it was drawn. */
  readonly cpuSeconds: number;
}

export async function openPage(browser: Browser, url: string, width = 1280): Promise<WatchedPage> {
  const page = await browser.newPage();
  await page.setViewport({ width, height: 900 });
  await page.emulateMediaFeatures([STILL]);
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    if (request.url() !== url) complaints.push(`request of ${request.url().slice(0, 100)}`);
  });
  const session = await page.createCDPSession();
  await session.send("Performance.disable");
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  await page.goto(url, { waitUntil: "load" });
  await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
  const { metrics } = await session.send("Performance.getMetrics");
  const cpuSeconds = metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN;
  return { page, complaints, cpuSeconds };
}
