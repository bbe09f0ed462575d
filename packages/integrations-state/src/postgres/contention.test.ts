import { openDatabase } from "@core/database";
import type { Database } from "@core/database";
import { createPostgresDatabase } from "@core/database/testing";
import type { PostgresDatabase } from "@core/database/testing";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { IntegrationsError } from "../errors.ts";
import type { IntegrationState } from "../state/integration-state.ts";
import type { StateStore } from "../state/state-store.ts";
import { createPostgresStore } from "./postgres-store.ts";
import { stateMigrations } from "./state-migrations.ts";

/** Two servers, each with connections of its own, and one who looks on. */
let server: PostgresDatabase;
let first: Database;
let second: Database;
let onlooker: Database;

beforeAll(async () => {
  server = await createPostgresDatabase();
  const open = (name: string): Promise<Database> =>
    openDatabase({ url: server.url, poolSize: 2, applicationName: name });
  [first, second, onlooker] = await Promise.all([open("first"), open("second"), open("onlooker")]);
  await onlooker.migrate([stateMigrations()]);
});

afterAll(async () => {
  await Promise.all([first, second, onlooker].map((database) => database.close()));
  await server.drop();
});

beforeEach(async () => {
  await sql`truncate integrations.integrations_state`.execute(onlooker.kysely);
});

/** Its mutators are held up by the tests, for as long as these need. */
const storeOn = (database: Database, options: { lockTimeoutMs?: number } = {}): StateStore =>
  createPostgresStore({ database, mutatorTimeoutMs: 60_000, ...options });

const note = (state: IntegrationState, message: string): void => {
  state.destinations.push({
    name: message,
    channel: "c",
    url: "u",
    is_default: false,
    created_at: "t",
    updated_at: "t",
  });
};

async function notesOf(store: StateStore): Promise<string[]> {
  return (await store.read()).destinations.map(({ name }) => name);
}

/** Ends the connections of a server that are in a transaction, as an administrator or a failover would. */
async function terminate(name: string): Promise<number> {
  const { rows } = await sql`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name = ${name} and xact_start is not null`.execute(
    onlooker.kysely,
  );
  return rows.length;
}

describe("two servers that change one state", () => {
  it("lose none of their updates, also when both make its first", async () => {
    const stores = [storeOn(first), storeOn(second)] as const;
    const names = Array.from({ length: 150 }, (_, n) => `${n}`);
    for (let at = 0; at < names.length; at += 10) {
      const some = names.slice(at, at + 10);
      await Promise.all(
        some.map((name, n) => stores[n % 2 === 0 ? 0 : 1].update((state) => note(state, name))),
      );
    }
    for (const store of stores) expect((await notesOf(store)).toSorted()).toEqual(names.toSorted());
  });

  it("read what is stored while the other one changes it", async () => {
    const [changing, reading] = [storeOn(first), storeOn(second)];
    const end = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const update = changing.update(async (state) => {
      note(state, "a");
      begun.resolve();
      await end.promise;
    });
    await begun.promise;
    expect(await notesOf(reading)).toEqual([]);
    end.resolve();
    await update;
    expect(await notesOf(reading)).toEqual(["a"]);
  });

  it("do not wait for ever for each other", async () => {
    const holding = storeOn(first);
    const waiting = storeOn(second, { lockTimeoutMs: 50 });
    const end = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const held = holding.update(async (state) => {
      begun.resolve();
      await end.promise;
      note(state, "held");
    });
    await begun.promise;
    await expect(waiting.update((state) => note(state, "late"))).rejects.toMatchObject({
      code: "STATE_LOCK_TIMEOUT",
      retryable: true,
      details: { timeout_ms: 50 },
    });
    end.resolve();
    await held;
    await waiting.update((state) => note(state, "in time"));
    expect(await notesOf(waiting)).toEqual(["held", "in time"]);
  });
});

describe("a connection that is killed", () => {
  it("takes the updates of its transaction with it, and no others", async () => {
    const store = storeOn(first);
    await store.update((state) => note(state, "before"));
    const begun = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    const killed = store.update(async (state) => {
      note(state, "killed");
      begun.resolve();
      await end.promise;
    });
    await begun.promise;
    expect(await terminate("first")).toBe(1);
    const next = store.update((state) => note(state, "with it"));
    end.resolve();
    await expect(killed).rejects.toMatchObject({
      code: "STATE_WRITE_FAILED",
      retryable: true,
      details: { may_be_stored: false },
    });
    await next.catch(() => undefined);
    await store.update((state) => note(state, "after"));
    const notes = await notesOf(store);
    expect(notes).not.toContain("killed");
    expect([notes[0], notes.at(-1)]).toEqual(["before", "after"]);
  });

  it("again and again, at any moment, loses nothing that was answered", async () => {
    const stores = [first, second].map((database) => storeOn(database));
    const answered: string[] = [];
    const failures: unknown[] = [];
    let kills = 0;
    let isOver = false;
    const write = async (store: StateStore, writer: string): Promise<void> => {
      for (let n = 0; !isOver; n += 1) {
        const name = `${writer}-${n}`;
        await store
          .update((state) => note(state, name))
          .then(
            () => answered.push(name),
            (error: unknown) => failures.push(error),
          );
      }
    };
    const writing = stores.flatMap((store, n) =>
      ["a", "b", "c"].map((writer) => write(store, `${n}${writer}`)),
    );
    for (let round = 0; kills < 30 && round < 3_000; round += 1)
      kills += await terminate(round % 2 ? "first" : "second");
    isOver = true;
    await Promise.all(writing);

    expect(kills).toBeGreaterThanOrEqual(30);
    expect(failures).not.toEqual([]);
    for (const failure of failures)
      expect(failure).toMatchObject({ code: "STATE_WRITE_FAILED", retryable: true });
    const notes = await notesOf(storeOn(onlooker));
    expect(new Set(notes).size).toBe(notes.length);
    expect(answered.filter((name) => !notes.includes(name))).toEqual([]);
    const unknown = failures.filter(
      (failure) => failure instanceof IntegrationsError && failure.details["may_be_stored"] === true,
    );
    // What was stored without an answer was said to be unknown.
    expect(notes.length - answered.length).toBeLessThanOrEqual(unknown.length);
  });
});
