import { invalidSchedule } from "../errors.ts";
import type { Store } from "../store/store.ts";
import type { NextOccurrence } from "./rhythm.ts";
import { occurrencesOf } from "./rhythm.ts";
import { ruleContent } from "./schedule-input.ts";
import { readSchedule, scheduleNow } from "./schedule-storage.ts";
import type { PreviewOptions, ScheduleRule } from "./schedule.ts";

const REFUSAL = "There is no preview.";
const USUAL_COUNT = 10;
const MOST = 100;

/** The next times of a stored schedule; null when there is none. */
export async function previewSchedule(
  store: Store,
  id: string,
  options: PreviewOptions,
): Promise<readonly Date[] | null> {
  const from = await beginning(store, options);
  const row = await readSchedule(store, store.run, { id });
  return row && upcoming(occurrencesOf(row), from, options);
}

/** The next times of a rule, as if it were given at the beginning of the preview. */
export async function previewRule(
  store: Store,
  rule: ScheduleRule,
  options: PreviewOptions,
): Promise<readonly Date[]> {
  const content = ruleContent(rule, REFUSAL);
  const from = await beginning(store, options);
  return upcoming(occurrencesOf({ ...content, anchor_at: content.starts_at ?? from }), from, options);
}

async function beginning(store: Store, { from }: PreviewOptions): Promise<Date> {
  if (from === undefined) return scheduleNow(store, store.run);
  if (!Number.isNaN(from.getTime())) return from;
  throw invalidSchedule(REFUSAL, [{ field: "from", message: "Give a Date, or leave from out." }]);
}

function upcoming(
  next: NextOccurrence,
  from: Date,
  { count = USUAL_COUNT }: PreviewOptions,
): readonly Date[] {
  const times: Date[] = [];
  const wanted = Math.min(Math.max(Math.trunc(count), 1), MOST);
  for (let at = next(from); at !== null && times.length < wanted; at = next(at)) times.push(at);
  return times;
}
