import { access, rm } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Database } from "@core/database";
import { databaseMigrations, openDatabase } from "@core/database";
import { createRegistry } from "@core/registry";
import type { Tasks } from "@core/tasks";
import { createTasks, tasksMigrations } from "@core/tasks";
import { expect, test } from "vitest";
import { runToEnd } from "./testing/ended-process.ts";
import { makeDataDir } from "./testing/server-process.ts";

test("a start on a port that is taken runs none of the tasks that wait", async () => {
  const dataDir = await makeDataDir();
  await withTasks(dataDir, async (tasks) => {
    for (const prompt of ["one", "two", "three"]) await tasks.enqueue({ type: "agent", prompt });
  });
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, "127.0.0.1", resolve));
  const { port } = blocker.address() as AddressInfo;
  const trace = join(dataDir, "an-agent-ran");
  const AGENT_COMMAND = JSON.stringify(["sh", "-c", `touch ${trace}; cat`]);

  const ended = await runToEnd({ PORT: String(port), DATA_DIR: dataDir, AGENT: "command", AGENT_COMMAND });

  expect(ended.code).toBe(1);
  expect(ended.stderr).toMatch(/^Port \d+ of 127\.0\.0\.1 is in use\. .*\n$/);
  await expect(access(trace)).rejects.toThrow("ENOENT");
  await withTasks(dataDir, async (tasks) => {
    const { items } = await tasks.list();
    expect(items.map(({ state, attempt }) => [state, attempt])).toEqual([
      ["pending", 0],
      ["pending", 0],
      ["pending", 0],
    ]);
  });
  blocker.close();
  await rm(dataDir, { recursive: true });
});

async function withTasks(dataDir: string, use: (tasks: Tasks) => Promise<void>): Promise<void> {
  const database: Database = await openDatabase({ dataDir });
  try {
    await database.migrate([databaseMigrations, tasksMigrations()]);
    await use(createTasks({ database, dispatchers: createRegistry().dispatchers }));
  } finally {
    await database.close();
  }
}
