import type { Database } from "@core/database";
import { openDatabase } from "@core/database";
import { createPostgresDatabase } from "@core/database/testing";
import type { Logger } from "@core/registry";
import { silentLogger } from "@core/registry";
import { sql } from "kysely";
import type { Mock } from "vitest";
import { vi } from "vitest";
import { createManualClock } from "@core/testing";
import type { ManualClock } from "@core/testing";
import type { FleetKeys } from "../fleet/fingerprints.ts";
import type { FleetMembership, FleetOptions } from "../fleet/join-fleet.ts";
import { joinFleet } from "../fleet/join-fleet.ts";
import { serverMigrations } from "../fleet/migrations.ts";
import type { FleetDb } from "../fleet/tables.ts";
import { fleetDb } from "../fleet/tables.ts";
import { StartError } from "../start-error.ts";

/** The servers of a test file, all on one Postgres database. */
export interface FleetFixture {
  /** What the test itself sees and changes. */
  readonly db: FleetDb;
  /** Connects to the database as another process does. */
  connect(): Promise<Database>;
  /** Starts a server with connections of its own. */
  join(serverId: string, keys: FleetKeys): Promise<FleetServer>;
  /** The ids of the servers that live. */
  living(): Promise<readonly string[]>;
  /** Lets time pass for the row of a server, as if it had been silent. */
  age(serverId: string, interval: string): Promise<void>;
  /** Ends what a test has started and forgets it. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

interface FleetServer extends FleetMembership {
  readonly database: Database;
  readonly clock: ManualClock;
  readonly warn: Mock<Logger["warn"]>;
  readonly error: Mock<Logger["error"]>;
  readonly onConflict: Mock<FleetOptions["onConflict"]>;
  /** Lets one heartbeat happen and waits until it has ended. */
  beat(): Promise<void>;
}

/** Keys that servers share. */
export const keys: FleetKeys = {
  apiKey: "correct-horse-16",
  signingSecret: "whsec_c2lnbmluZy1zZWNyZXQtb2YtdGhlLWZsZWV0",
  encryptionKey: "ZW5jcnlwdGlvbi1rZXktb2YtdGhlLWZsZWV0LTMyYjE=",
};

/** Other keys, all three. */
export const otherKeys: FleetKeys = {
  apiKey: "battery-staple-16",
  signingSecret: "whsec_YW5vdGhlci1zZWNyZXQtb2YtYS1zdHJhbmdlci4u",
  encryptionKey: "YW5vdGhlci1lbmNyeXB0aW9uLWtleS1mb3Itb25lIQ==",
};

export async function createFleetFixture(): Promise<FleetFixture> {
  const { url, drop } = await createPostgresDatabase();
  const own = await openDatabase({ url });
  await own.migrate([serverMigrations]);
  const db = fleetDb(own);
  const connections: Database[] = [];

  return { db, connect, join, living, age, reset, close };

  async function connect(): Promise<Database> {
    const database = await openDatabase({ url });
    connections.push(database);
    return database;
  }

  async function join(serverId: string, serverKeys: FleetKeys): Promise<FleetServer> {
    const database = await connect();
    const clock = createManualClock(0);
    const warn = vi.fn<Logger["warn"]>();
    const error = vi.fn<Logger["error"]>();
    const onConflict = vi.fn<FleetOptions["onConflict"]>();
    const logger = { ...silentLogger, warn, error };
    const { leave } = await joinFleet({
      database,
      serverId,
      keys: serverKeys,
      onConflict,
      clock,
      logger,
    });
    const beat = async (): Promise<void> => {
      await clock.elapse(5_000);
      // While a beat is in hand, only the shorter watch over it waits.
      await vi.waitUntil(() => clock.waits().every((wait) => wait === 5_000), { timeout: 10_000 });
    };
    return { database, clock, warn, error, onConflict, leave, beat };
  }

  async function living(): Promise<readonly string[]> {
    const alive = db.selectFrom("fleet_member").where("alive_until", ">", sql<Date>`clock_timestamp()`);
    return (await alive.select("id").orderBy("id").execute()).map(({ id }) => id);
  }

  async function age(serverId: string, interval: string): Promise<void> {
    await db
      .updateTable("fleet_member")
      .set({ alive_until: sql<Date>`alive_until - ${interval}::interval` })
      .where("id", "=", serverId)
      .execute();
  }

  async function reset(): Promise<void> {
    await Promise.all(connections.splice(0).map((database) => database.close()));
    await db.deleteFrom("fleet_member").execute();
    await db.deleteFrom("fleet_salt").execute();
  }

  async function close(): Promise<void> {
    await reset();
    await own.close();
    await drop();
  }
}

/** What a server that may not start is told. */
export async function refusalOf(joining: Promise<unknown>): Promise<string> {
  const error = await joining.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof StartError) return error.message;
  throw new Error("The server was not refused.", { cause: error });
}
