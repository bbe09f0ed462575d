import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { openDatabase } from "@core/database";
import { createPostgresDatabase } from "@core/database/testing";
import { expect, it } from "vitest";
import { createTasks } from "../create-tasks.ts";
import { tasksMigrations } from "../store/migrations.ts";

const script = fileURLToPath(new URL("../testing/hanging-worker.ts", import.meta.url));

it("watching goes on when the process that runs the task is killed with -9", async () => {
  const { url, drop } = await createPostgresDatabase();
  const database = await openDatabase({ url });
  await database.migrate([tasksMigrations()]);
  const tasks = createTasks({ database });
  const { task } = await tasks.enqueue({ type: "t" });
  const child = fork(script, [url], { execArgv: ["--conditions=@core/source"] });
  const exited = once(child, "exit");
  const worker = tasks.createWorker({ handlers: { t: async () => "done" }, concurrency: 1 });
  try {
    const seen: string[] = [];
    for await (const event of tasks.watch(task.id)) {
      seen.push(event.type === "snapshot" ? event.type : `${event.type} ${event.run}`);
      if (event.type !== "task.progress") continue;
      child.kill("SIGKILL");
      await exited;
      await worker.start();
    }
    expect(seen).toEqual([
      "snapshot",
      "task.started 1",
      "task.progress 1",
      "task.retrying 1",
      "task.started 2",
      "task.completed 2",
    ]);
    expect(await tasks.get(task.id)).toMatchObject({ state: "complete", attempt: 2, progress: { run: 1 } });
  } finally {
    child.kill("SIGKILL");
    await worker.stop();
    await database.close();
    await drop();
  }
});
