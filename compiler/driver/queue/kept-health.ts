import { contentKey } from "../../support/stable.ts";
import { type Health, type HealthReading, healthOf, healthSchema, whyUnwell } from "./board-health.ts";
import type { DeskAbout } from "./desk.ts";
import { type QueueLink, unlessLost } from "./open-queue.ts";

const KEPT_MS = 90 * 86_400_000;

/** Judges a board by what it was when it was first found well, which the queue's server keeps. */
export async function judgeHealth(
  link: QueueLink,
  about: DeskAbout,
  reading: HealthReading,
): Promise<string | undefined> {
  const name = nameOf(about);
  const { store } = link;
  const why = whyUnwell(reading, readHealth(await unlessLost(link, store.get("health", name))));
  if (why !== undefined) return why;
  await unlessLost(link, store.keep("health", name, JSON.stringify(healthOf(reading)), KEPT_MS));
  return undefined;
}

/** Takes a board as it is now for what it should be. */
export async function forgetHealth(link: QueueLink, about: DeskAbout): Promise<void> {
  await unlessLost(link, link.store.remove("health", nameOf(about)));
}

function nameOf({ board, build, places }: DeskAbout): string {
  return contentKey({ board, build, places });
}

function readHealth(text: string | undefined): Health | undefined {
  if (text === undefined || text.length > 1000) return undefined;
  try {
    return healthSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
