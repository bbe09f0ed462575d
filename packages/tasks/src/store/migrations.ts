import type { MigrationSet } from "@core/database";
import { newsChannel } from "./channel.ts";
import { cancelFunction } from "./schema/cancel-function.ts";
import { claimDeliveriesFunction } from "./schema/delivery-claim-function.ts";
import { outboxFunctions } from "./schema/delivery-send-functions.ts";
import { settleDeliveriesFunctions } from "./schema/delivery-settle-function.ts";
import { deliveryTables } from "./schema/delivery-tables.ts";
import { enqueueFunctions } from "./schema/enqueue-functions.ts";
import { laneFunctions } from "./schema/lane-functions.ts";
import { familyFunctions } from "./schema/family-functions.ts";
import { limitFunctions } from "./schema/limit-functions.ts";
import { limitSettingFunctions } from "./schema/limit-setting-functions.ts";
import { limitStrategyFunctions } from "./schema/limit-strategy-functions.ts";
import { limitTables } from "./schema/limit-tables.ts";
import { scheduleFunctions, scheduleTables } from "./schema/schedule-tables.ts";
import { checkedSchema } from "./schema-name.ts";
import { namesIn } from "./schema/names.ts";
import { retryFunction } from "./schema/retry-function.ts";
import { retentionFunctions } from "./schema/retention-functions.ts";
import { noteFunction } from "./schema/note-function.ts";
import { lockLinesFunction, settleFunction } from "./schema/settle-function.ts";
import { statsFunctions } from "./schema/stats-functions.ts";
import { taskTables } from "./schema/task-tables.ts";
import { upkeepFunctions } from "./schema/upkeep-functions.ts";
import { wakeFunction } from "./schema/wake-function.ts";
import { workFunction } from "./schema/work-function.ts";

/** The Postgres schema that holds the tables unless another is named. */
export const DEFAULT_SCHEMA = "tasks";

/**
 * The tables and functions of @core/tasks; pass it to `database.migrate`. A function's name carries its version: a
 * changed one is a new function beside the old, so that an older worker goes on beside a newer one.
 * @throws TasksError OPTIONS_INVALID
 */
export function tasksMigrations(schema: string = DEFAULT_SCHEMA): MigrationSet {
  const name = namesIn(checkedSchema(schema));
  const engine = [
    `create schema if not exists "${schema}"`,
    ...taskTables(name),
    ...deliveryTables(name),
    ...limitTables(name),
    ...laneFunctions(name),
    wakeFunction(name),
    ...limitFunctions(name),
    ...limitSettingFunctions(name),
    ...limitStrategyFunctions(name, newsChannel(schema)),
    ...enqueueFunctions(name),
    ...familyFunctions(name),
    lockLinesFunction(name),
    settleFunction(name),
    workFunction(name),
    cancelFunction(name),
    retryFunction(name),
    noteFunction(name),
    claimDeliveriesFunction(name),
    ...settleDeliveriesFunctions(name),
    ...outboxFunctions(name),
    ...upkeepFunctions(name),
    ...scheduleTables(name),
    ...scheduleFunctions(name),
    ...statsFunctions(name),
    ...retentionFunctions(name),
  ];
  return {
    name: schema === DEFAULT_SCHEMA ? "@core/tasks" : `@core/tasks in ${schema}`,
    migrations: [{ name: "0001-engine", statements: engine }],
  };
}
