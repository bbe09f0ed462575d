import type { Database } from "@core/database";
import type { Generated, Kysely, Transaction } from "kysely";
import type { Fingerprints } from "./fingerprints.ts";
import { SERVER_SCHEMA } from "./migrations.ts";

/** The tables of the fleet, as Kysely sees them. */
interface FleetTables {
  fleet_member: FleetMemberTable;
  fleet_salt: FleetSaltTable;
}

export type FleetDb = Kysely<FleetTables>;
export type FleetTrx = Transaction<FleetTables>;

/** A handle bound to the server's schema; its transactions are bound to it too. */
export function fleetDb(database: Database): FleetDb {
  return (database.kysely as FleetDb).withSchema(SERVER_SCHEMA);
}

/** One row per server, kept for a while after its end. */
interface FleetMemberTable extends Fingerprints {
  /** Stable per data folder. */
  id: string;
  /** Another one at every start, so that a life of a server is told from the next. */
  boot_id: string;
  started_at: Date;
  /** Alive while this lies in the future, by the database's clock. */
  alive_until: Date;
  host: string;
  pid: number;
}

interface FleetSaltTable {
  only_row: Generated<boolean>;
  salt: Uint8Array;
}
