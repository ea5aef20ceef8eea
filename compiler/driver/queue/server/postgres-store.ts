import type { QueryResultRow } from "pg";
import type { Kept, LeaseStore } from "./lease-store.ts";
import { PREFIX } from "./queue-server.ts";

/** Runs a statement on whichever connection is free. */
export type Query = <R extends QueryResultRow>(
  text: string,
  values: readonly unknown[],
) => Promise<{ readonly rows: readonly R[] }>;

const TABLE = `${PREFIX}.kept`;
const UNTIL = "now() + $4 * interval '1 ms'";

/** Makes the table, where nobody has yet; who has no right to make one may use one that is there. */
export async function makeTable(query: Query): Promise<void> {
  const { rows } = await query<{ readonly there: boolean }>(
    `select to_regclass('${TABLE}') is not null as there`,
    [],
  );
  // as one transaction: of several that come at once each waits for the one before
  if (!rows[0]?.there)
    await query(
      `do $$ begin
        perform pg_advisory_xact_lock(hashtext('${TABLE}'));
        create schema if not exists ${PREFIX};
        create table if not exists ${TABLE} (
          kind text, name text, text text not null, until timestamptz not null, primary key (kind, name)
        );
      end $$`,
      [],
    );
  await query(`delete from ${TABLE} where until <= now()`, []);
}

const TAKE = `
  with taken as (
    insert into ${TABLE} as held values ($1, $2, $3, ${UNTIL})
    on conflict (kind, name) do update set text = excluded.text, until = excluded.until
      where held.text = excluded.text or held.until <= now()
    returning 1
  )
  select exists (select from taken) as mine,
    (select text from ${TABLE} where kind = $1 and name = $2) as other`;
const PUT = `
  insert into ${TABLE} values ($1, $2, $3, ${UNTIL})
  on conflict (kind, name) do update set text = excluded.text, until = excluded.until`;
const KEEP = `
  insert into ${TABLE} as kept values ($1, $2, $3, ${UNTIL})
  on conflict (kind, name) do update set until = excluded.until,
    text = case when kept.until <= now() then excluded.text else kept.text end`;

const GET = `select text from ${TABLE} where kind = $1 and name = $2 and until > now()`;
const LIST = `
  select text from ${TABLE} where kind = $1 and until > now() order by name collate "C" limit $2`;
const REMOVE = `delete from ${TABLE} where kind = $1 and name = $2`;

/** Rows of one table, which count until their time is over. */
export function postgresStore(query: Query): LeaseStore {
  const texts = async (statement: string, kind: Kept, value: unknown): Promise<readonly string[]> =>
    (await query<{ readonly text: string }>(statement, [kind, value])).rows.map(({ text }) => text);
  const run = async (statement: string, kind: Kept, ...values: readonly unknown[]): Promise<void> =>
    void (await query(statement, [kind, ...values]));
  return {
    take: async (kind, name, holder, forMs) => {
      const { rows } = await query<{ readonly mine: boolean; readonly other: string | null }>(TAKE, [
        ...[kind, name, holder, forMs],
      ]);
      // one that came in this very moment is not seen yet
      return rows[0]?.mine ? undefined : (rows[0]?.other ?? "");
    },
    release: (kind, name, holder) => run(`${REMOVE} and text = $3`, kind, name, holder),
    get: async (kind, name) => (await texts(GET, kind, name))[0],
    put: (kind, name, text, forMs) => run(PUT, kind, name, text, forMs),
    keep: (kind, name, text, forMs) => run(KEEP, kind, name, text, forMs),
    remove: (kind, name) => run(REMOVE, kind, name),
    list: (kind, most) => texts(LIST, kind, most),
  };
}
