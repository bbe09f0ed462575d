import type { Command } from "./command.ts";
import { dbCheck } from "./db-check.ts";
import { dbMigrate } from "./db-migrate.ts";
import { dbSql } from "./db-sql.ts";
import { demo } from "./demo.ts";
import { mcp } from "./mcp.ts";
import { start } from "./start.ts";
import { tasksCancel } from "./tasks-cancel.ts";
import { tasksList } from "./tasks-list.ts";
import { tasksPrune } from "./tasks-prune.ts";
import { tasksRedrive } from "./tasks-redrive.ts";
import { tasksRetry } from "./tasks-retry.ts";
import { tasksShow } from "./tasks-show.ts";
import { tasksStats } from "./tasks-stats.ts";

/** All commands, in the order of the help; the first is meant where none is named. */
export const commands: readonly Command[] = [
  start,
  demo,
  tasksStats,
  tasksList,
  tasksShow,
  tasksRetry,
  tasksCancel,
  tasksRedrive,
  tasksPrune,
  mcp,
  dbMigrate,
  dbSql,
  dbCheck,
];
