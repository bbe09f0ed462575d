import type { ExpressionBuilder, ExpressionWrapper, SqlBool } from "kysely";
import type { DeliveryFilter, DeliveryRecord, DeliverySelection } from "./delivery-record.ts";
import type { Page } from "../store/page.ts";
import { decodeCursor, pageLimit, pageOf } from "../store/page.ts";
import type { SqlRunner } from "../store/sql-runner.ts";
import type { Store, TasksDb } from "../store/store.ts";
import type { DeliveryTable, TasksTables } from "../store/tables.ts";
import { isUuid } from "../store/uuid.ts";

const columns = [
  "id",
  "kind",
  "source_id",
  "target_key",
  "task_id",
  "dispatch_type",
  "target",
  "state",
  "park_reason",
  "skip_reason",
  "attempt",
  "max_attempts",
  "failures",
  "answer",
  "sent_parts",
  "external_ids",
  "created_at",
  "delivered_at",
] as const satisfies readonly (keyof DeliveryTable)[];

/** One delivery, null when there is none. */
export async function readDelivery(db: TasksDb, id: string): Promise<DeliveryRecord | null> {
  if (!isUuid(id)) return null;
  const row = await db.selectFrom("delivery").select(shown).where("id", "=", id).executeTakeFirst();
  return row ?? null;
}

/** Deliveries by id, read through a connection that may belong to anybody: as text, whatever it makes of columns. */
export async function readDeliveriesWith(
  { db }: Store,
  run: SqlRunner,
  ids: readonly string[],
): Promise<ReadonlyMap<string, DeliveryRecord>> {
  if (ids.length === 0) return new Map();
  const query = db.selectFrom("delivery").select(shown).where("id", "in", ids).compile();
  const text = `select to_json(d)::text as delivery from (${query.sql}) d`;
  const rows = await run<{ delivery: string }>(text, query.parameters);
  const records = rows.map(({ delivery }) => withMoments(JSON.parse(delivery) as DeliveryRecord));
  return new Map(records.map((record) => [record.id, record]));
}

/** All deliveries of a task, oldest first. */
export async function deliveriesOfTask(db: TasksDb, taskId: string): Promise<readonly DeliveryRecord[]> {
  return db.selectFrom("delivery").select(shown).where("task_id", "=", taskId).orderBy("seq").execute();
}

/** @throws TasksError CURSOR_INVALID */
export async function listDeliveries(db: TasksDb, filter: DeliveryFilter): Promise<Page<DeliveryRecord>> {
  const { state, cursor, limit: asked, ...selection } = filter;
  if (isOfNothing(selection)) return { items: [], next_cursor: null };
  const limit = pageLimit(asked);
  let query = db
    .selectFrom("delivery")
    .select(shown)
    .where((eb) => isSelected(eb, selection))
    .orderBy("id", "desc")
    .limit(limit + 1);
  if (state !== undefined) query = query.where("state", "=", state);
  if (cursor !== undefined) query = query.where("id", "<", decodeCursor("delivery", cursor));
  return pageOf("delivery", await query.execute(), limit, ({ id }) => id);
}

/** True when nothing can fit; Postgres refuses the question. */
export function isOfNothing({ task_id: taskId }: DeliverySelection): boolean {
  return taskId !== undefined && !isUuid(taskId);
}

/** The condition of a selection. */
export function isSelected(
  eb: ExpressionBuilder<TasksTables, "delivery">,
  { task_id, dispatch_type, kind, target_key }: DeliverySelection,
): ExpressionWrapper<TasksTables, "delivery", SqlBool> {
  const wanted = Object.entries({ task_id, dispatch_type, kind, target_key }).filter(
    (entry): entry is [keyof DeliverySelection, string] => entry[1] !== undefined,
  );
  return eb.and(wanted.map(([column, value]) => eb(eb.ref(column), "=", value)));
}

/** One that was set aside is due when its target may be called. */
function shown(eb: ExpressionBuilder<TasksTables, "delivery">) {
  const until = eb
    .selectFrom("delivery_target as g")
    .select("g.until")
    .whereRef("g.target_key", "=", "delivery.target_key");
  const at = eb.fn<Date>("greatest", ["next_at", until]);
  const nextAt = eb.case().when("set_aside", "=", true).then(at).else(eb.ref("next_at")).end();
  return [...columns, nextAt.as("next_at")] as const;
}

function withMoments(record: DeliveryRecord): DeliveryRecord {
  const { next_at, created_at, delivered_at } = record;
  return {
    ...record,
    next_at: new Date(next_at),
    created_at: new Date(created_at),
    delivered_at: delivered_at && new Date(delivered_at),
  };
}
