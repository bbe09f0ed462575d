import type { Database } from "@core/database";
import type { TestDatabases, TestEngine } from "@core/database/testing";
import { createTestDatabases, freshSchema } from "@core/database/testing";
import type {
  Delivery,
  DeliveryContext,
  DeliveryOutcome,
  Dispatcher,
  DispatcherRegistry,
} from "@core/registry";
import { createDispatcherRegistry, delivered } from "@core/registry";
import { sql } from "kysely";
import { tasksMigrations } from "../store/migrations.ts";
import type { Store } from "../store/store.ts";
import { createStore } from "../store/store.ts";
import type { Tasks, TasksOptions } from "../tasks.ts";
import { createTasks } from "../create-tasks.ts";

/** Databases of one test file, and fresh tables in them for each test. */
export interface TasksFixtures {
  open(engine: TestEngine, options?: FixtureOptions): Promise<TasksFixture>;
  close(): Promise<void>;
}

type FixtureOptions = Partial<Omit<TasksOptions, "database" | "schema">>;

export interface TasksFixture {
  readonly database: Database;
  readonly schema: string;
  readonly store: Store;
  readonly tasks: Tasks;
  readonly dispatchers: DispatcherRegistry;
  /** A second view of the same tables, as another process has it. */
  again(options?: FixtureOptions): Tasks;
  /** Makes everything that waits for a later time due now. */
  makeDue(): Promise<void>;
  count(table: "task" | "delivery" | "worker" | "body"): Promise<number>;
}

export function createTasksFixtures(): TasksFixtures {
  const databases: TestDatabases = createTestDatabases();

  return {
    async open(engine, options = {}) {
      const database = await databases.open(engine);
      const schema = freshSchema();
      await database.migrate([tasksMigrations(schema)]);
      const dispatchers = options.dispatchers ?? createDispatcherRegistry();
      const again = (more: FixtureOptions = {}): Tasks =>
        createTasks({ random: () => 0, ...options, dispatchers, ...more, database, schema });
      const store = createStore(database, schema);
      return { database, schema, store, tasks: again(), dispatchers, again, makeDue, count };

      async function makeDue(): Promise<void> {
        await sql`update ${store.table("task")} set run_at = now() where state = 'pending'`.execute(store.db);
        await sql`update ${store.table("delivery")} set next_at = now() where state = 'pending'`.execute(
          store.db,
        );
        await sql`update ${store.table("delivery_target")} set until = now() where until is not null`.execute(
          store.db,
        );
      }

      async function count(table: "task" | "delivery" | "worker" | "body"): Promise<number> {
        const { rows } = await sql<{ n: number }>`select count(*) as n from ${store.table(table)}`.execute(
          store.db,
        );
        return rows[0]?.n ?? 0;
      }
    },
    close: () => databases.close(),
  };
}

/** A dispatcher that keeps what it was given and answers as told. */
export interface RecordingDispatcher extends Dispatcher {
  readonly deliveries: Delivery[];
}

export function recordingDispatcher(
  answer: (delivery: Delivery, context: DeliveryContext) => DeliveryOutcome | Promise<DeliveryOutcome> = () =>
    delivered(),
  declaration: Partial<Dispatcher> = { idempotent: true },
): RecordingDispatcher {
  const deliveries: Delivery[] = [];
  return {
    target: anyTarget,
    ...declaration,
    deliveries,
    async deliver(delivery, context) {
      deliveries.push(delivery);
      return answer(delivery, context);
    },
  };
}

const anyTarget: NonNullable<Dispatcher["target"]> = {
  "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) },
};
