import { prepared } from "@core/database";
import type { DispatcherRegistry, FieldIssue } from "@core/registry";
import { v7 as uuidv7 } from "uuid";
import type { DeliveryMessage, DeliveryTarget } from "./delivery-input.ts";
import { assertDelivery } from "./delivery-input.ts";
import { lineNamed } from "./delivery-line.ts";
import { readDeliveriesWith } from "./delivery-reader.ts";
import type { DeliveryRecord } from "./delivery-record.ts";
import { newDelivery } from "./outbox.ts";
import type { TargetPlan } from "./target-plan.ts";
import { planTarget } from "./target-plan.ts";
import { refusedDelivery } from "../errors.ts";
import type { RetryPolicyName } from "../retry-policy.ts";
import { storableJson } from "../store/storable-text.ts";
import type { SqlRunner } from "../store/sql-runner.ts";
import type { Store } from "../store/store.ts";

/** What became of a delivery that was sent. */
export interface DeliveryReceipt {
  readonly delivery: DeliveryRecord;
  /** False: it was there before, and this is that one. */
  readonly created: boolean;
}

/** A delivery that was checked, as `send_deliveries_1` takes it. */
export type PlannedDelivery = Record<string, unknown> & { readonly order_key: string | null };

/** @throws TasksError DELIVERY_INVALID, DISPATCH_TYPE_UNKNOWN, DISPATCH_TARGET_INVALID */
export async function planDeliveries(
  dispatchers: DispatcherRegistry,
  message: DeliveryMessage,
  targets: readonly DeliveryTarget[],
): Promise<readonly PlannedDelivery[]> {
  assertDelivery(message, targets);
  const place = (index: number): string => (targets.length > 1 ? `targets.${index}.` : "");
  return Promise.all(
    targets.map(async (one, index) => {
      const plan = await planOf(dispatchers, one, place(index));
      const policy = one.policy ?? usualPolicy(message);
      return plannedDelivery(dispatchers, message, { ...one, policy }, plan);
    }),
  );
}

/** Writes one message for all its targets, or for none. */
export async function storeDeliveries(
  store: Store,
  run: SqlRunner,
  message: DeliveryMessage,
  planned: readonly PlannedDelivery[],
): Promise<readonly DeliveryReceipt[]> {
  if (planned.length === 0) return [];
  const { payload, ...rest } = message;
  const lines = [...new Set(planned.flatMap(({ order_key: line }) => line ?? []))];
  const text = prepared(
    `select * from ${store.name("send_deliveries_1")}($1::text::json, $2::text::json, $3::text[])`,
  );
  const rows = await run<{ id: string; created: boolean }>(text, [
    JSON.stringify({ ...rest, payload_id: uuidv7(), content: storableJson(payload) }),
    JSON.stringify(planned),
    lines.length === 0 ? null : lines,
  ]);
  const records = await readDeliveriesWith(
    store,
    run,
    rows.map(({ id }) => id),
  );
  return rows.map(({ id, created }) => {
    const delivery = records.get(id);
    if (delivery === undefined) throw new Error(`Delivery ${id} was removed while it was being written.`);
    return { delivery, created };
  });
}

async function planOf(
  dispatchers: DispatcherRegistry,
  { dispatch_type: type, target, strict = true }: DeliveryTarget,
  place: string,
): Promise<TargetPlan> {
  if (type === "none") {
    const message = "A delivery of the type none goes nowhere. Name another type, or send nothing.";
    throw refusedDelivery("DELIVERY_INVALID", [{ field: `${place}dispatch_type`, message }]);
  }
  const plan = await planTarget(dispatchers, type, target ?? null, strict);
  if (!("refusal" in plan)) return plan;
  const isType = plan.refusal === "DISPATCH_TYPE_UNKNOWN";
  const within = ({ field, message }: FieldIssue): FieldIssue => ({
    field: place + (isType ? "dispatch_type" : field === "" ? "target" : `target.${field}`),
    message,
  });
  throw refusedDelivery(plan.refusal, plan.issues.map(within));
}

function plannedDelivery(
  dispatchers: DispatcherRegistry,
  { kind }: DeliveryMessage,
  { dispatch_type: type, order, policy, delay_ms }: DeliveryTarget & { readonly policy: RetryPolicyName },
  { target, isChecked, orderKey }: TargetPlan,
): PlannedDelivery {
  const line = order === undefined ? orderKey : order === null ? null : lineNamed(type, order);
  const stored = storableJson(target);
  const delivery = newDelivery(dispatchers, {
    kind,
    dispatch_type: type,
    target: stored,
    target_checked: isChecked,
    order_key: line,
    policy,
    bot_id: null,
    origin: null,
  });
  return { ...delivery, order_key: line, ...(delay_ms !== undefined && { delay_ms }) };
}

function usualPolicy({ kind }: DeliveryMessage): RetryPolicyName {
  return kind === "webhook_event" ? "webhook_event" : "task_result";
}
