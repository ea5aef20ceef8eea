import { UserError } from "../../support/diagnostic.ts";
import { type Health, healthOf } from "./board-health.ts";
import type { Desk } from "./desk.ts";
import { judgeHealth } from "./kept-health.ts";
import type { QueueLink } from "./open-queue.ts";

/** Seconds between two looks at a board that is well, and at one in quarantine. */
export interface WatchTimes {
  readonly well: number;
  readonly unwell: number;
}
/** So many looks in a row say that a board is not well. */
const LOOKS = 3;
const USUAL: WatchTimes = { well: 3600, unwell: 60 };

export interface WatchedBoard {
  /** Why the board gets no jobs; undefined where it does. */
  readonly quarantine?: string;
  readonly health?: Health;
  /** When it was looked at, in milliseconds since 1970. */
  readonly checked?: number;
}

/** Keeps an eye on a desk's board: who is not well is in quarantine until it is. */
export interface BoardWatch {
  readonly now: WatchedBoard;
  /** Looks at the board where that is due. One look at a time; throws nothing. */
  look(): Promise<void>;
  /** Puts the board into quarantine until it was looked at. */
  suspect(error: UserError): void;
}

/** `onChange`: told when a board comes into quarantine, with the reason, or out of it. */
export function watchBoard(
  desk: Desk,
  link: QueueLink,
  onChange: (quarantine: string | undefined) => void,
  times: WatchTimes = USUAL,
): BoardWatch {
  // nobody works with a board before it was looked at
  let now: WatchedBoard = desk.check === undefined ? {} : { quarantine: "it was not looked at yet" };
  let due = 0;
  let looking = false;
  const set = (next: WatchedBoard): void => {
    const was = now.quarantine;
    now = next;
    if (was !== next.quarantine) onChange(next.quarantine);
  };
  const look = async (check: NonNullable<Desk["check"]>): Promise<void> => {
    const checked = Date.now();
    try {
      let reading = await check();
      let quarantine = await judgeHealth(link, desk.about, reading);
      // a moment's hiccup is no illness
      for (let again = 1; again < LOOKS && quarantine !== undefined; again++) {
        reading = await check();
        quarantine = await judgeHealth(link, desk.about, reading);
      }
      const health = healthOf(reading);
      set({ health, checked, ...(quarantine !== undefined && { quarantine: quarantine.slice(0, 2000) }) });
    } catch (error) {
      set({ ...now, checked, quarantine: textOf(error) });
    }
    due = performance.now() + 1000 * (now.quarantine === undefined ? times.well : times.unwell);
  };
  return {
    get now() {
      return now;
    },
    look: async () => {
      if (desk.check === undefined || looking || performance.now() < due) return;
      looking = true;
      await look(() => (desk.check as NonNullable<Desk["check"]>)());
      looking = false;
    },
    suspect: (error) => {
      if (desk.check === undefined) return;
      due = 0;
      set({ ...now, quarantine: textOf(error) });
    },
  };
}

function textOf(error: unknown): string {
  if (error instanceof UserError) return `error[${error.diagnostic.code}]: ${error.message}`.slice(0, 2000);
  return (error instanceof Error ? error.message : String(error)).slice(0, 2000);
}
