import type { Transaction } from "kysely";
import { TasksError } from "../errors.ts";
import { canonicalJson } from "../store/canonical-json.ts";
import { kyselyRunner } from "../store/sql-runner.ts";
import type { Store } from "../store/store.ts";
import type { TaskMakerOptions } from "../task/task-maker.ts";
import { occurrencesOf } from "./rhythm.ts";
import type { ScheduleContent } from "./schedule-input.ts";
import { scheduleContent } from "./schedule-input.ts";
import { insertSchedule, readSchedule, scheduleNow, scheduleOf } from "./schedule-storage.ts";
import { assertTemplate } from "./schedule-template.ts";
import type { Schedule, ScheduleInput, ScheduleReceipt } from "./schedule.ts";

export interface ScheduleDeps {
  readonly store: Store;
  readonly making: TaskMakerOptions;
}

const REFUSAL = "The schedule was not stored.";

/** Stores a schedule, or gives back the one that has its name and says the same. */
export async function createSchedule(
  { store, making }: ScheduleDeps,
  input: ScheduleInput,
  trx: Transaction<unknown> | undefined,
): Promise<ScheduleReceipt> {
  const content = scheduleContent(input, REFUSAL);
  await assertTemplate(making, content.task, REFUSAL, trx);
  const run = trx === undefined ? store.run : kyselyRunner(trx);
  const created_at = await scheduleNow(store, run);
  const anchor_at = content.starts_at ?? created_at;
  const next_at = occurrencesOf({ ...content, anchor_at })(created_at);
  const row = { ...content, id: making.newId(), anchor_at, next_at, paused_at: null, created_at };
  const made = await insertSchedule(store, run, row);
  if (made !== null) return { schedule: scheduleOf(made), created: true };
  const known = await readSchedule(store, run, { name: content.name ?? "" });
  // It was deleted in between.
  if (known === null) return createSchedule({ store, making }, input, trx);
  if (!saysTheSame(known, content)) throw nameTaken(content.name, REFUSAL, known.id);
  return { schedule: scheduleOf(known), created: false };
}

/** `id`: of the schedule that has the name, where it is known. */
export function nameTaken(name: string | null, refusal: string, id?: string): TasksError {
  const owner = id === undefined ? "another schedule" : `schedule ${id}, which says something else`;
  const remedy = id === undefined ? "Choose another name." : "Update that one, or choose another name.";
  const message = `The name "${name}" belongs to ${owner}. ${remedy}`;
  return new TasksError({
    code: "SCHEDULE_CONFLICT",
    message: `${refusal} ${message}`,
    details: { issues: [{ field: "name", message }], ...(id !== undefined && { id }) },
  });
}

function saysTheSame(schedule: Schedule, content: ScheduleContent): boolean {
  return contentText(schedule) === contentText(content);
}

function contentText(content: ScheduleContent): string {
  const { name, every, cron, timezone, starts_at, ends_at, missed, max_missed, task } = content;
  return canonicalJson({ name, every, cron, timezone, starts_at, ends_at, missed, max_missed, task });
}
