import { setTimeout as delay } from "node:timers/promises";
import { sql } from "kysely";
import { afterAll, describe, expect, test, vi } from "vitest";
import type { Database } from "./database.ts";
import type { DatabaseLogger } from "./logger.ts";
import { openDatabase } from "./open-database.ts";
import { createTestDatabases, testEngines } from "./test-database.ts";

const databases = createTestDatabases();
afterAll(() => databases.close());

describe.each(testEngines)("on %s", (engine) => {
  async function received(database: Database, channel: string): Promise<string[]> {
    const payloads: string[] = [];
    await database.listen(channel, (payload) => payloads.push(payload));
    return payloads;
  }

  test("a notification reaches every listener of its channel and no other", async () => {
    const database = await databases.open(engine);
    const [first, second, other] = [
      await received(database, "news"),
      await received(database, "news"),
      await received(database, "other"),
    ];
    await database.notify("news", "hello");
    await vi.waitFor(() => expect([first, second]).toEqual([["hello"], ["hello"]]));
    expect(other).toEqual([]);
  });

  test("a channel keeps its exact name and a payload its exact text", async () => {
    const database = await databases.open(engine);
    const payloads = await received(database, 'Odd "name"; --');
    await database.notify('Odd "name"; --', 'it\'s {"a": 1} 🚀\n');
    await vi.waitFor(() => expect(payloads).toEqual(['it\'s {"a": 1} 🚀\n']));
  });

  test("after unlisten nothing arrives, and other listeners go on", async () => {
    const database = await databases.open(engine);
    const stopped: string[] = [];
    const unlisten = await database.listen("some", (payload) => stopped.push(payload));
    const going = await received(database, "some");
    await unlisten();
    await unlisten();
    await database.notify("some", "one");
    await vi.waitFor(() => expect(going).toEqual(["one"]));
    expect(stopped).toEqual([]);
  });

  test("a notification with a trx arrives when it commits, and never when it rolls back", async () => {
    const database = await databases.open(engine);
    const payloads = await received(database, "trx");
    await database.kysely.transaction().execute(async (trx) => {
      await database.notify("trx", "committed", trx);
      await delay(20);
      expect(payloads).toEqual([]);
    });
    const failing = database.kysely.transaction().execute(async (trx) => {
      await database.notify("trx", "rolled back", trx);
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    await database.notify("trx", "last");
    await vi.waitFor(() => expect(payloads).toEqual(["committed", "last"]));
  });

  test("a handler may use the database, whoever sent the notification", async () => {
    const database = await databases.open(engine);
    const answers: Promise<unknown>[] = [];
    await database.listen("work", () => void answers.push(sql`select 1`.execute(database.kysely)));
    await database.kysely.transaction().execute((trx) => database.notify("work", "", trx));
    await vi.waitFor(() => expect(answers).toHaveLength(1));
    await expect(answers[0]).resolves.toBeDefined();
  });

  test("a handler that throws does not keep the others from hearing", async () => {
    const database = await databases.open(engine);
    await database.listen("throwing", () => {
      throw new Error("handler");
    });
    const payloads = await received(database, "throwing");
    await database.notify("throwing", "heard");
    await vi.waitFor(() => expect(payloads).toEqual(["heard"]));
  });

  test.each(["", "x".repeat(64), "a\0b"])("the channel name %j is refused", async (channel) => {
    const database = await databases.open(engine);
    const refused = { code: "DATABASE_CHANNEL_INVALID" };
    await expect(database.listen(channel, () => undefined)).rejects.toMatchObject(refused);
    await expect(database.notify(channel, "")).rejects.toMatchObject(refused);
  });
});

describe("lost connections", () => {
  async function kill(database: Database, where: string): Promise<void> {
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and application_name ${sql.raw(where)}`.execute(
      database.kysely,
    );
  }

  test("listening goes on after the server ended its connection, and says so", async () => {
    const database = await databases.open("postgres");
    const heard: string[] = [];
    const onReconnect = vi.fn<() => void>();
    await database.listen("lasting", (payload) => heard.push(payload), { onReconnect });
    await database.listen("lasting too", (payload) => heard.push(payload));
    await kill(database, "= 'agent-integrations listener'");
    await vi.waitFor(() => expect(onReconnect).toHaveBeenCalledTimes(1), { timeout: 5_000 });
    await database.notify("lasting", "one");
    await database.notify("lasting too", "two");
    await vi.waitFor(() => expect(heard).toEqual(["one", "two"]));
  });

  test("a listener may come and go while the connection is lost", async () => {
    const database = await databases.open("postgres");
    const going = await database.listen("going", () => undefined);
    await kill(database, "= 'agent-integrations listener'");
    await going();
    const heard: string[] = [];
    await vi.waitFor(async () => {
      await database.listen("coming", (payload) => heard.push(payload));
    });
    await vi.waitFor(async () => {
      await database.notify("coming", "heard");
      expect(heard).toContain("heard");
    });
  });

  test("pooled connections that the server ended, idle or inside a transaction, are replaced", async () => {
    const database = await databases.open("postgres");
    const warn = vi.fn<DatabaseLogger["warn"]>();
    const url = new URL(process.env["TEST_POSTGRES_URL"] ?? "");
    const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(database.kysely);
    url.pathname = `/${rows[0]?.name}`;
    const victim = await openDatabase({ url: url.href, applicationName: "victim", logger: { warn } });
    const inside = victim.kysely.transaction().execute(async (trx) => {
      await sql`select 1`.execute(trx);
      await delay(200);
      await sql`select 1`.execute(trx);
    });
    await delay(50);
    await kill(database, "= 'victim'");
    await expect(inside).rejects.toThrow(/connection/);
    await expect(sql`select 1`.execute(victim.kysely)).resolves.toBeDefined();
    await kill(database, "= 'victim'");
    await vi.waitFor(() => expect(warn).toHaveBeenCalled());
    await expect(sql`select 1`.execute(victim.kysely)).resolves.toBeDefined();
    await victim.close();
  });
});
