import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
// #region imports
import { openDatabase } from "@core/database";
import { createDispatcherRegistry, delivered, textResult } from "@core/registry";
import { createTasks, tasksMigrations } from "@core/tasks";
// #endregion
import { expect, it } from "vitest";

it("the second example of the README enqueues, works and delivers", async () => {
  const lines: string[] = [];
  const console = { log: (line: string) => lines.push(line) };
  const dataDir = await mkdtemp(join(tmpdir(), "tasks-readme-"));
  const home = process.cwd();
  process.chdir(dataDir);
  try {
    // #region example
    await using database = await openDatabase({ dataDir: "./data" });
    await database.migrate([tasksMigrations()]);

    const dispatchers = createDispatcherRegistry();
    dispatchers.register(
      "console",
      {
        idempotent: true,
        async deliver({ kind, payload }) {
          console.log(`${kind}: ${JSON.stringify(payload)}`);
          return delivered();
        },
      },
      { owner: "readme" },
    );

    const tasks = createTasks({ database, dispatchers });
    await tasks.enqueue({ type: "shout", payload: "hello", dispatch_type: "console" });

    const shout = async ({ payload }: { payload: unknown }) => textResult(String(payload).toUpperCase());
    const worker = tasks.createWorker({ workerId: "worker-1", handlers: { shout } });
    await worker.runUntilIdle(); // a server calls worker.start() instead
    await worker.stop();
    // #endregion
  } finally {
    process.chdir(home);
    await rm(dataDir, { recursive: true, force: true });
  }
  expect(lines).toEqual([expect.stringMatching(/^task_result: \{"task_id":".*"text":"HELLO"/)]);
});

it("the code of the README is the code of this test", () => {
  const source = readFileSync(import.meta.filename, "utf8");
  const readme = readFileSync(join(import.meta.dirname, "..", "README.md"), "utf8");
  const [, delivering] = [...readme.matchAll(/```ts\n(.*?)```/gs)];
  const code = delivering?.[1];
  expect(code).toBe(`${region(source, "imports")}\n${region(source, "example")}`);
});

/** The lines of a marked region, without their common indent. */
function region(source: string, name: string): string {
  const match = new RegExp(`^ *// #region ${name}\\n(.*?)^ *// #endregion`, "ms").exec(source);
  const lines = (match?.[1] ?? "").split("\n");
  const indents = lines.filter((line) => line.trim() !== "").map((line) => line.search(/\S/));
  const indent = Math.min(...indents);
  return lines.map((line) => line.slice(indent)).join("\n");
}
