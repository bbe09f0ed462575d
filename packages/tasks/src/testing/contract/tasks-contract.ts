import type { Database } from "@core/database";
import { v7 as uuidv7 } from "uuid";
import { tasksMigrations } from "../../store/migrations.ts";
import { createTasks } from "../../create-tasks.ts";
import { endChecks } from "./end-checks.ts";
import { leaseChecks } from "./lease-checks.ts";
import { orderChecks } from "./order-checks.ts";
import type { Scene } from "./scene.ts";
import { storingChecks } from "./storing-checks.ts";

/** One promise of the queue, checked by itself in tables of its own; fits any test runner. */
export interface TasksCheck {
  /** A plain sentence. */
  readonly name: string;
  /** Rejects with an `AssertionError` when the promise is not kept. */
  run(): Promise<void>;
}

export interface TasksContractSubject {
  /** An open database; each check makes and drops a schema in it. It is not closed. */
  readonly database: () => Promise<Database>;
}

/**
 * What the queue promises on every database that it runs on: for those who bring a `Database` of their own, such as a
 * managed Postgres behind a pooler.
 * @example
 * for (const check of tasksContract({ database })) it(check.name, check.run);
 */
export function tasksContract(subject: TasksContractSubject): readonly TasksCheck[] {
  const checks = { ...storingChecks, ...orderChecks, ...endChecks, ...leaseChecks };
  return Object.entries(checks).map(([name, check]) => ({
    name,
    run: () => inScene(subject, check),
  }));
}

async function inScene(
  { database: open }: TasksContractSubject,
  check: (scene: Scene) => Promise<void>,
): Promise<void> {
  const database = await open();
  const schema = `tasks_contract_${uuidv7().replaceAll("-", "")}`;
  await database.migrate([tasksMigrations(schema)]);
  try {
    await check({ database, schema, tasks: createTasks({ database, schema, random: () => 0 }) });
  } finally {
    await database.kysely.schema.dropSchema(schema).cascade().execute();
  }
}
