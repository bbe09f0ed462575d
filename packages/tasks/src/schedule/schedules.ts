import type { Transaction } from "kysely";
import type { Page } from "../store/page.ts";
import { isUuid } from "../store/uuid.ts";
import type { EnqueueReceipt, Task } from "../task/task.ts";
import { pauseSchedule, resumeSchedule, updateSchedule } from "./schedule-change.ts";
import { createSchedule } from "./schedule-creation.ts";
import type { ScheduleDeps } from "./schedule-creation.ts";
import { fireNow } from "./schedule-firing.ts";
import { previewRule, previewSchedule } from "./schedule-preview.ts";
import { deleteSchedule, listSchedules, readSchedule, scheduleOf } from "./schedule-storage.ts";
import type {
  PreviewOptions,
  Schedule,
  ScheduleChanges,
  ScheduleFilter,
  ScheduleInput,
  ScheduleReceipt,
  ScheduleRule,
} from "./schedule.ts";

/** Rules that make tasks. Where there is no schedule of an id, the answer is null. */
export interface Schedules {
  /**
   * Stores a schedule. A name that exists gives its schedule back if that says the same, so that a program can declare
   * its schedules at every start.
   * @throws TasksError SCHEDULE_INVALID, SCHEDULE_CONFLICT when the name belongs to a schedule that says something else
   */
  create(
    input: ScheduleInput,
    options?: { readonly trx?: Transaction<unknown> | undefined },
  ): Promise<ScheduleReceipt>;
  get(id: string): Promise<Schedule | null>;
  /** Newest first. @throws TasksError CURSOR_INVALID */
  list(filter?: ScheduleFilter): Promise<Page<Schedule>>;
  /**
   * Changes the fields that are given. A change of the rule plans anew from now on, and an interval without `starts_at`
   * begins anew.
   * @throws TasksError SCHEDULE_INVALID, SCHEDULE_CONFLICT
   */
  update(id: string, changes: ScheduleChanges): Promise<Schedule | null>;
  /** Lets it make no tasks until it is resumed. */
  pause(id: string): Promise<Schedule | null>;
  /** Goes on with the next occurrence; those of the pause are not made up for. */
  resume(id: string): Promise<Schedule | null>;
  /** Makes a task at once, also while it is paused, and leaves its rhythm alone. @throws TasksError as `enqueue` */
  runNow(id: string): Promise<Task | null>;
  /** Its next times by its rule, as if it were not paused. */
  preview(id: string, options?: PreviewOptions): Promise<readonly Date[] | null>;
  /** The times that a rule would have if it were given now. @throws TasksError SCHEDULE_INVALID */
  preview(rule: ScheduleRule, options?: PreviewOptions): Promise<readonly Date[]>;
  /** Tasks that it has made stay. False when there was none. */
  delete(id: string): Promise<boolean>;
}

export interface SchedulesDeps extends ScheduleDeps {
  /** Told when something may be due earlier than before. */
  readonly onPlanned: () => void;
  readonly onTasks: (receipts: readonly EnqueueReceipt[]) => void;
}

export function createSchedules(deps: SchedulesDeps): Schedules {
  const { store, onPlanned, onTasks } = deps;

  return {
    async create(input, { trx } = {}) {
      const receipt = await createSchedule(deps, input, trx);
      onPlanned();
      return receipt;
    },
    async get(id) {
      const row = isUuid(id) ? await readSchedule(store, store.run, { id }) : null;
      return row && scheduleOf(row);
    },
    list: (filter = {}) => listSchedules(store, filter),
    async update(id, changes) {
      const schedule = isUuid(id) ? await updateSchedule(deps, id, changes) : null;
      onPlanned();
      return schedule;
    },
    pause: async (id) => (isUuid(id) ? pauseSchedule(store, id) : null),
    async resume(id) {
      const schedule = isUuid(id) ? await resumeSchedule(store, id) : null;
      onPlanned();
      return schedule;
    },
    async runNow(id) {
      const receipt = isUuid(id) ? await fireNow(deps, id) : null;
      if (receipt !== null) onTasks([receipt]);
      return receipt && receipt.task;
    },
    preview,
    delete: async (id) => isUuid(id) && deleteSchedule(store, id),
  };

  function preview(id: string, options?: PreviewOptions): Promise<readonly Date[] | null>;
  function preview(rule: ScheduleRule, options?: PreviewOptions): Promise<readonly Date[]>;
  async function preview(
    of: string | ScheduleRule,
    options: PreviewOptions = {},
  ): Promise<readonly Date[] | null> {
    if (typeof of !== "string") return previewRule(store, of, options);
    return isUuid(of) ? previewSchedule(store, of, options) : null;
  }
}
