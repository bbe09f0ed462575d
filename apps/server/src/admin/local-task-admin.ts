import type { Database } from "@core/database";
import { createTasks } from "@core/tasks";
import { wireRecord } from "../http/wire-record.ts";
import { wireTask } from "../http/wire-task.ts";
import type { TaskAdmin } from "./task-admin.ts";

/** Acts on a database that this process has opened, and closes it in the end. */
export function createLocalTaskAdmin(database: Database): TaskAdmin {
  const tasks = createTasks({ database });
  return {
    stats: () => tasks.stats(),
    async list(filter) {
      const { items, next_cursor } = await tasks.list(filter);
      return { items: items.map((task) => ({ ...wireRecord(task) })), next_cursor };
    },
    async show(id) {
      const task = await tasks.get(id);
      return task && wireTask(task);
    },
    retry: (id) => tasks.retry(id),
    cancel: (id) => tasks.cancel(id),
    redrive: (filter, options) => tasks.redrive(filter, options),
    prune: (options) => tasks.prune(options),
    [Symbol.asyncDispose]: () => database.close(),
  };
}
