import type { DeliveryFilter, DeliveryRecord } from "./delivery-record.ts";
import type { Page } from "../store/page.ts";
import { decodeCursor, pageLimit, pageOf } from "../store/page.ts";
import type { TasksDb } from "../store/store.ts";
import { isUuid } from "../store/uuid.ts";

const columns = [
  "id",
  "kind",
  "task_id",
  "dispatch_type",
  "target",
  "state",
  "park_reason",
  "skip_reason",
  "attempt",
  "max_attempts",
  "next_at",
  "failures",
  "answer",
  "sent_parts",
  "external_ids",
  "created_at",
  "delivered_at",
] as const;

/** All deliveries of a task, oldest first. */
export async function deliveriesOfTask(db: TasksDb, taskId: string): Promise<readonly DeliveryRecord[]> {
  return db.selectFrom("delivery").select(columns).where("task_id", "=", taskId).orderBy("seq").execute();
}

/** @throws TasksError CURSOR_INVALID */
export async function listDeliveries(db: TasksDb, filter: DeliveryFilter): Promise<Page<DeliveryRecord>> {
  if (filter.task_id !== undefined && !isUuid(filter.task_id)) return { items: [], next_cursor: null };
  const limit = pageLimit(filter.limit);
  let query = db
    .selectFrom("delivery")
    .select(columns)
    .orderBy("id", "desc")
    .limit(limit + 1);
  if (filter.state !== undefined) query = query.where("state", "=", filter.state);
  if (filter.task_id !== undefined) query = query.where("task_id", "=", filter.task_id);
  if (filter.cursor !== undefined) query = query.where("id", "<", decodeCursor("delivery", filter.cursor));
  return pageOf("delivery", await query.execute(), limit, ({ id }) => id);
}
