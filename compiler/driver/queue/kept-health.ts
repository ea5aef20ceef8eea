import { contentKey } from "../../support/stable.ts";
import { type Health, type HealthReading, healthOf, healthSchema, whyUnwell } from "./board-health.ts";
import type { DeskAbout } from "./desk.ts";
import { PREFIX, type QueueLink, unlessLost } from "./open-queue.ts";

const KEPT_SECONDS = 90 * 86_400;

/** Judges a board by what it was when it was first found well, which the queue's server keeps. */
export async function judgeHealth(
  link: QueueLink,
  about: DeskAbout,
  reading: HealthReading,
): Promise<string | undefined> {
  const key = healthKey(about);
  const { redis } = link;
  const why = whyUnwell(reading, readHealth(await unlessLost(link, redis.get(key))));
  if (why !== undefined) return why;
  await unlessLost(link, redis.set(key, JSON.stringify(healthOf(reading)), "EX", KEPT_SECONDS, "NX"));
  await unlessLost(link, redis.expire(key, KEPT_SECONDS));
  return undefined;
}

/** Takes a board as it is now for what it should be. */
export async function forgetHealth(link: QueueLink, about: DeskAbout): Promise<void> {
  await unlessLost(link, link.redis.del(healthKey(about)));
}

function healthKey({ board, build, places }: DeskAbout): string {
  return `${PREFIX}:health:${contentKey({ board, build, places })}`;
}

function readHealth(text: string | null): Health | undefined {
  if (text === null || text.length > 1000) return undefined;
  try {
    return healthSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
