import { z } from "zod";
import { plainText } from "../../device/plain-text.ts";
import { sha256 } from "../../support/stable.ts";
import { type QueueLink, unlessLost } from "./open-queue.ts";
import { boardTaken } from "./queue-failures.ts";

/** A board that is ours for as long as it is renewed in time. */
export interface BoardClaim {
  /** Throws D196 where somebody else has the board now. */
  renew(): Promise<void>;
  release(): Promise<void>;
}

const holderSchema = z.object({ worker: z.string().max(1000), id: z.string().max(1000) });

/** Takes a board for one worker of all that serve a queue. Throws D196. */
export async function claimBoard(
  link: QueueLink,
  board: string,
  holder: { readonly worker: string; readonly id: string },
  forMs: number,
): Promise<BoardClaim> {
  const { store } = link;
  const name = sha256(board);
  const mine = JSON.stringify(holder);
  const renew = async (): Promise<void> => {
    const other = await unlessLost(link, store.take("board", name, mine, forMs));
    if (other !== undefined) throw boardTaken(board, workerOf(other));
  };
  await renew();
  return { renew, release: () => store.release("board", name, mine) };
}

function workerOf(text: string): string {
  try {
    return plainText(holderSchema.parse(JSON.parse(text)).worker);
  } catch {
    return "somebody";
  }
}
