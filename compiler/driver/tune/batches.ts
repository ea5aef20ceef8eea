import type { Batch } from "./tune-task.ts";
import type { Running } from "./tune-tasks.ts";

/** What is to be done, one batch after another. */
export interface Batches {
  /** Whether a batch is proposed and built while the one before it is measured. */
  readonly ahead: boolean;
  /** Where to go on, by what is known; `measured`: whose outcomes are not known yet. Undefined: nowhere. */
  next(measured: Running | undefined): Running | undefined;
  /** Whether no batch is to be begun any more. */
  isOver(): boolean;
  take(task: Running, batch: Batch): Promise<void>;
  /** Makes sure of a task that is closed; nothing is built meanwhile. */
  conclude(task: Running): Promise<void>;
}
interface Proposed {
  readonly task: Running;
  readonly batch: Batch;
}

/**
 * Takes batches until there are no more. With `ahead` each is proposed when the one before it begins to be measured, always: so
 * what is proposed hangs on outcomes alone and not on how long anything takes, and a log gives the same again. A batch of
 * a task that the one before it has closed is dropped.
 */
export async function takeBatches({ ahead, next, isOver, take, conclude }: Batches): Promise<void> {
  const propose = async (measured?: Running): Promise<Proposed | undefined> => {
    const task = next(measured);
    return task && { task, batch: await task.search.prepare() };
  };
  let coming = propose();
  try {
    for (let proposed = await coming; proposed !== undefined && !isOver(); proposed = await coming) {
      const { task, batch } = proposed;
      coming = ahead ? propose(task) : NONE;
      coming.catch(() => {}); // it is waited for below
      try {
        await take(task, batch);
      } finally {
        await batch.measurement.drop();
      }
      const isClosed = task.search.state?.closed === true;
      const built = await coming;
      if (isClosed) await conclude(task);
      if (built === undefined || (isClosed && built.task === task)) {
        await built?.batch.measurement.drop();
        coming = propose();
      }
    }
  } finally {
    await coming.then(
      (left) => left?.batch.measurement.drop(),
      () => {},
    );
  }
}

const NONE: Promise<undefined> = Promise.resolve(undefined);
