import { z } from "zod";
import { plainText } from "../../device/plain-text.ts";
import { sha256 } from "../../support/stable.ts";
import { PREFIX, type QueueLink, unlessLost } from "./open-queue.ts";
import { boardTaken } from "./queue-failures.ts";

/** A board that is ours for as long as it is renewed in time. */
export interface BoardClaim {
  /** Throws D196 where somebody else has the board now. */
  renew(): Promise<void>;
  release(): Promise<void>;
}

const holderSchema = z.object({ worker: z.string().max(1000), id: z.string().max(1000) });

/** Renewed, or taken again when the server has lost it; never somebody else's. */
const TAKE = `
local held = redis.call("get", KEYS[1])
if held and held ~= ARGV[1] then return held end
redis.call("set", KEYS[1], ARGV[1], "PX", ARGV[2])
return false`;
const RELEASE = `
if redis.call("get", KEYS[1]) == ARGV[1] then return redis.call("del", KEYS[1]) end
return 0`;

/** Takes a board for one worker of all that serve a queue. Throws D196. */
export async function claimBoard(
  link: QueueLink,
  board: string,
  holder: { readonly worker: string; readonly id: string },
  forMs: number,
): Promise<BoardClaim> {
  const { redis } = link;
  const key = `${PREFIX}:board:${sha256(board)}`;
  const mine = JSON.stringify(holder);
  const renew = async (): Promise<void> => {
    const other = await unlessLost(link, redis.eval(TAKE, 1, key, mine, Math.round(forMs)));
    if (typeof other === "string") throw boardTaken(board, workerOf(other));
  };
  await renew();
  return { renew, release: async () => void (await redis.eval(RELEASE, 1, key, mine)) };
}

function workerOf(text: string): string {
  try {
    return plainText(holderSchema.parse(JSON.parse(text)).worker);
  } catch {
    return "somebody";
  }
}
