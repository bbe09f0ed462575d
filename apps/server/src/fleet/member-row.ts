import { hostname } from "node:os";
import type { RawBuilder } from "kysely";
import { sql } from "kysely";
import type { Fingerprints } from "./fingerprints.ts";
import type { Rival } from "./rival.ts";
import { differingKeys } from "./rival.ts";
import type { FleetDb, FleetTrx } from "./tables.ts";

/** One life of a server, as the fleet knows it. */
export interface Member extends Fingerprints {
  readonly id: string;
  readonly boot_id: string;
}

/** Counted as dead when it has been silent for this long. */
export const DEAD_AFTER_MS = 15_000;

/**
 * Enters a server, or the next life of one, unless a living one with another id has other keys: then nothing is
 * written and that one is the answer. Of servers that enter together, one is first.
 */
export function enterFleet(db: FleetDb, member: Member): Promise<Rival | null> {
  return inTurn(db, async (trx) => {
    const rival = await findRival(trx, member, "id");
    if (rival !== null) return rival;
    await writeRow(trx, member, { started_at: now });
    await forgetLongDead(trx);
    return null;
  });
}

/** Says that a server lives, unless a living one has other keys: then nothing is written and that one is the answer. */
export function renewMember(db: FleetDb, member: Member): Promise<Rival | null> {
  return inTurn(db, async (trx) => {
    const rival = await findRival(trx, member, "boot_id");
    if (rival !== null) return rival;
    await writeRow(trx, member, {});
    return null;
  });
}

/** Says that a server is gone, so that nobody waits for its silence. */
export async function leaveFleet(db: FleetDb, { id, boot_id }: Member): Promise<void> {
  await db
    .updateTable("fleet_member")
    .set({ alive_until: now })
    .where("id", "=", id)
    .where("boot_id", "=", boot_id)
    .where("alive_until", ">", now)
    .execute();
}

const now: RawBuilder<Date> = sql<Date>`clock_timestamp()`;
const nextDeath: RawBuilder<Date> = sql<Date>`clock_timestamp() + ${DEAD_AFTER_MS}::float8 * interval '1 millisecond'`;

/** A server that freezes during its turn loses it after this long, so that it does not hold up the others. */
const FROZEN_AFTER_MS = 3_000;

/** How long one statement may take, the wait for the turn included. */
const STATEMENT_TIMEOUT_MS = 10_000;

/** Runs a transaction that reads what all earlier ones have written, while no other one runs. */
function inTurn<Result>(db: FleetDb, work: (trx: FleetTrx) => Promise<Result>): Promise<Result> {
  return db
    .transaction()
    .setIsolationLevel("read committed")
    .execute(async (trx) => {
      await sql`select
        set_config('idle_in_transaction_session_timeout', ${FROZEN_AFTER_MS}::text, true),
        set_config('statement_timeout', ${STATEMENT_TIMEOUT_MS}::text, true)`.execute(trx);
      await sql`select pg_advisory_xact_lock(hashtextextended('server:fleet', 0))`.execute(trx);
      return work(trx);
    });
}

/** The living server with other keys that was seen last, among those whose `column` is not the member's. */
async function findRival(trx: FleetTrx, member: Member, column: "id" | "boot_id"): Promise<Rival | null> {
  const row = await trx
    .selectFrom("fleet_member")
    .selectAll()
    .where(column, "!=", member[column])
    .where("alive_until", ">", now)
    .where(({ eb, or }) =>
      or([
        eb("api_key_fingerprint", "!=", member.api_key_fingerprint),
        eb("signing_secret_fingerprint", "!=", member.signing_secret_fingerprint),
        eb("encryption_key_fingerprint", "!=", member.encryption_key_fingerprint),
      ]),
    )
    .orderBy("alive_until", "desc")
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    id: row.id,
    host: row.host,
    pid: row.pid,
    startedAt: row.started_at,
    lastSeenAt: new Date(row.alive_until.getTime() - DEAD_AFTER_MS),
    differing: differingKeys(member, row),
  };
}

/** Writes a member's row; `changed` is what else is new when there is one already. */
async function writeRow(
  trx: FleetTrx,
  member: Member,
  changed: { readonly started_at?: RawBuilder<Date> },
): Promise<void> {
  const row = { ...member, alive_until: nextDeath, host: hostname(), pid: process.pid };
  await trx
    .insertInto("fleet_member")
    .values({ ...row, started_at: now })
    .onConflict((conflict) => conflict.column("id").doUpdateSet({ ...row, ...changed }))
    .execute();
}

async function forgetLongDead(trx: FleetTrx): Promise<void> {
  await trx
    .deleteFrom("fleet_member")
    .where("alive_until", "<", sql<Date>`clock_timestamp() - interval '7 days'`)
    .execute();
}
