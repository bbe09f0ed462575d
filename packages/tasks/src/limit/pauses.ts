import type { Store } from "../store/store.ts";
import { limitTarget, targetOf } from "./limit-input.ts";
import type { LimitTarget, Pause } from "./limit.ts";

/** Keeps tasks of a type, a queue or a key from starting. */
export interface Pauses {
  /**
   * Lets no task of a type, a queue or a key start; those that workers have claimed go on. When the promise resolves,
   * nothing more is claimed.
   * @throws TasksError LIMIT_INVALID
   */
  pause(which: LimitTarget): Promise<void>;
  /** Ends a pause; false when there was none. @throws TasksError LIMIT_INVALID */
  resume(which: LimitTarget): Promise<boolean>;
  /** What is paused, the earliest first. */
  paused(): Promise<readonly Pause[]>;
}

/** `onRoom` is told when more tasks may start than before. */
export function createPauses(store: Store, onRoom: () => void): Pauses {
  return {
    async pause(which) {
      const { scope, name } = limitTarget(which, "Nothing was paused.");
      await store.run(`select ${store.name("pause_1")}($1, $2)`, [scope, name]);
    },
    async resume(which) {
      const { scope, name } = limitTarget(which, "Nothing was resumed.");
      const ended = await store.db
        .deleteFrom("task_pause")
        .where("scope", "=", scope)
        .where("name", "=", name)
        .returning("name")
        .executeTakeFirst();
      onRoom();
      return ended !== undefined;
    },
    async paused() {
      const rows = await store.db
        .selectFrom("task_pause")
        .select(["scope", "name", "paused_at"])
        .orderBy("paused_at")
        .execute();
      return rows.map(({ paused_at, ...of }) => ({ ...targetOf(of), paused_at }));
    },
  };
}
