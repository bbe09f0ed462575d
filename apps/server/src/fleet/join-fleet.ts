import type { Database } from "@core/database";
import type { Clock, Logger } from "@core/registry";
import { systemClock } from "@core/registry";
import { StartError } from "../start-error.ts";
import type { FleetKeys } from "./fingerprints.ts";
import { fingerprintsOf } from "./fingerprints.ts";
import { startHeartbeat } from "./heartbeat.ts";
import type { Member } from "./member-row.ts";
import { DEAD_AFTER_MS, enterFleet, leaveFleet, renewMember } from "./member-row.ts";
import { conflictMessage, refusalMessage } from "./rival.ts";
import type { FleetDb } from "./tables.ts";
import { fleetDb } from "./tables.ts";

export interface FleetOptions {
  /** With the tables of `serverMigrations`. An embedded one has one server at a time and needs no fleet. */
  readonly database: Database;
  /** Stable per data folder, so that a server that starts again follows its former life at once. */
  readonly serverId: string;
  readonly keys: FleetKeys;
  /** Told once when a server with other keys has taken this one's place: this one has to stop. */
  readonly onConflict: (message: string) => void;
  /** Default: the machine's own. */
  readonly clock?: Clock;
  readonly logger: Logger;
}

/** A server's place among those on its database. */
export interface FleetMembership {
  /** Frees the place at once. Never rejects, and ends within two seconds whatever the database does. */
  leave(): Promise<void>;
}

/**
 * Takes a server's place among those that share its database, and keeps it until `leave`. All that live at a time
 * have the same keys; when none lives, any keys may come.
 * @throws StartError when a living server has other keys; it names what to set and never shows a key
 */
export async function joinFleet(options: FleetOptions): Promise<FleetMembership> {
  const { database, serverId, keys, logger, clock = systemClock } = options;
  const db = fleetDb(database);
  const member = { id: serverId, boot_id: database.bootId, ...(await fingerprintsOf(keys, db)) };
  const rival = await enterFleet(db, member);
  if (rival !== null) throw new StartError(refusalMessage(rival, DEAD_AFTER_MS));
  const heartbeat = startHeartbeat({
    beat: () => keepsPlace(db, member, options),
    everyMs: HEARTBEAT_MS,
    clock,
    logger,
  });
  const leave = async (): Promise<void> => {
    await heartbeat.stop();
    await leaveFleet(db, member);
  };
  let leaving: Promise<void> | null = null;
  return { leave: () => (leaving ??= triedFor(LEAVE_MS, leave(), clock, logger)) };
}

const HEARTBEAT_MS = 5_000;
const LEAVE_MS = 2_000;

/** One heartbeat; false when this server has lost its place. */
async function keepsPlace(
  db: FleetDb,
  member: Member,
  { onConflict, logger }: FleetOptions,
): Promise<boolean> {
  const rival = await renewMember(db, member);
  if (rival === null) return true;
  const message = conflictMessage(rival, member.id);
  logger.error({ rival_host: rival.host, rival_pid: rival.pid }, message);
  onConflict(message);
  return false;
}

/** Waits for a leave for a while, and warns when it fails or takes longer. */
async function triedFor(limitMs: number, leave: Promise<void>, clock: Clock, logger: Logger): Promise<void> {
  const late = Promise.withResolvers<never>();
  const cancel = clock.after(limitMs, () =>
    late.reject(new Error(`The database has not answered for ${limitMs} ms.`)),
  );
  try {
    await Promise.race([leave, late.promise]);
  } catch (error) {
    logger.warn(
      { err: error },
      `This server could not tell the others on its database that it leaves; they notice after ${DEAD_AFTER_MS / 1_000} seconds.`,
    );
  } finally {
    cancel();
  }
}
