import { UserError } from "../support/diagnostic.ts";
import { type LineLog, type LogKind, openLineLog, readLineLog } from "../support/line-log.ts";
import { type SweepLine, sweepLineSchema } from "./sweep-line.schema.ts";

/** A sweep's log. */
export type SweepLog = LineLog<SweepLine>;

const KIND: LogKind<SweepLine> = {
  schema: sweepLineSchema,
  unusable: (path, why, cause) =>
    new UserError(
      { code: "R132", exit: "usage", title: `the log \`${path}\` cannot be used`, why },
      { cause },
    ),
  onOdd: (path, line, why) => {
    throw new UserError({
      code: "R131",
      exit: "badInput",
      title: `\`${path}\` is not the log of a sweep`,
      where: `line ${line}`,
      why,
      help: ["give another file with --log, or remove this one"],
    });
  },
};

/** Throws R131 for a file that holds anything else than a sweep, R132 when it cannot be read or written. */
export function openSweepLog(path: string): Promise<SweepLog> {
  return openLineLog(path, KIND);
}

/** The lines of a log, which stays as it is; none when there is no such file. Throws R131, R132. */
export function readSweepLog(path: string): Promise<readonly SweepLine[]> {
  return readLineLog(path, KIND);
}
