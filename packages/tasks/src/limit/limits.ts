import { sql } from "kysely";
import type { Store } from "../store/store.ts";
import { limitInput, limitTarget, targetOf } from "./limit-input.ts";
import type { Limit, LimitInput, LimitTarget } from "./limit.ts";

/** How many tasks of a type, a queue or a key run at once or start in a time, over all workers. */
export interface Limits {
  /**
   * Sets or replaces the limit of a type, a queue or a key; a task starts when all of its limits let it. When the
   * promise resolves, those that run already count, and nothing starts any more that has not been counted.
   * @throws TasksError LIMIT_INVALID
   */
  set(limit: LimitInput): Promise<void>;
  /** Takes a limit away; false when there was none. @throws TasksError LIMIT_INVALID */
  remove(which: LimitTarget): Promise<boolean>;
  list(): Promise<readonly Limit[]>;
}

/** `onRoom` is told when more tasks may start than before. */
export function createLimits(store: Store, onRoom: () => void): Limits {
  return {
    async set(limit) {
      const { scope, name } = limitInput(limit);
      const { concurrency = null, rate, strategy = "queue" } = limit;
      const text = `select ${store.name("set_limit_1")}($1, $2, $3::int, $4::int, $5::float8, $6)`;
      const values = [scope, name, concurrency, rate?.count ?? null, rate?.per_ms ?? null, strategy];
      await store.run(text, values);
      onRoom();
    },
    async remove(which) {
      const { scope, name } = limitTarget(which, "No limit was removed.");
      const removed = await store.db
        .deleteFrom("task_limit")
        .where("scope", "=", scope)
        .where("name", "=", name)
        .returning(sql<boolean>`concurrency is not null or rate_count is not null`.as("was_limit"))
        .executeTakeFirst();
      // Apart from the removal, which workers may wait for: until then they are claimed as limited tasks without limits.
      await store.run(`select ${store.name("free_limited_1")}($1, $2)`, [scope, name]);
      onRoom();
      return removed?.was_limit === true;
    },
    list: () => listLimits(store),
  };
}

/** Without what only holds a key back for a while. */
async function listLimits({ db }: Store): Promise<readonly Limit[]> {
  const rows = await db
    .selectFrom("task_limit")
    .select(["scope", "name", "concurrency", "rate_count", "rate_per_ms", "strategy"])
    .where((eb) => eb.or([eb("concurrency", "is not", null), eb("rate_count", "is not", null)]))
    .orderBy("scope")
    .orderBy("name")
    .execute();
  return rows.map(({ rate_count: count, rate_per_ms: perMs, concurrency, strategy, ...of }) => ({
    ...targetOf(of),
    concurrency,
    rate: count === null || perMs === null ? null : { count, per_ms: perMs },
    strategy,
  }));
}
