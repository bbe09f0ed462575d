import type { DeliveryKind, JsonValue, ReceiverAnswer, SentPart } from "@core/registry";
import type { PageRequest } from "../store/page.ts";

/**
 * | state | meaning | next |
 * |---|---|---|
 * | pending | waits for its time, its line or a worker | sending, parked |
 * | open | its stream is running | pending, skipped, with the end of its task |
 * | sending | one worker makes an attempt | delivered, skipped, pending, dead, held, parked |
 * | parked | cannot be sent for now, `park_reason` tells why | pending, also by a person |
 * | held | may have been sent; a person decides | pending, delivered |
 * | delivered, skipped, dead | the end | dead: pending, by a person |
 */
export type DeliveryState =
  | "pending"
  | "open"
  | "sending"
  | "delivered"
  | "skipped"
  | "dead"
  | "held"
  | "parked";

export const deliveryStates: readonly DeliveryState[] = [
  "pending",
  "open",
  "sending",
  "delivered",
  "skipped",
  "dead",
  "held",
  "parked",
];

/** `unknown_type`: nobody has a dispatcher of this type. `unavailable`: no live worker is ready for it. */
export type ParkReason = "unknown_type" | "misconfigured" | "unavailable" | "endpoint_disabled";

/** One row of the outbox, as it is read. */
export interface DeliveryRecord {
  /** The same on every attempt; receivers see it, such as in `webhook-id`. */
  readonly id: string;
  readonly kind: DeliveryKind;
  /** What it tells of: a task, an event. With its kind and its target it is there once. */
  readonly source_id: string;
  /** The same for all deliveries to one target. */
  readonly target_key: string;
  readonly task_id: string | null;
  readonly dispatch_type: string;
  readonly target: JsonValue;
  readonly state: DeliveryState;
  readonly park_reason: ParkReason | null;
  readonly skip_reason: string | null;
  readonly attempt: number;
  readonly max_attempts: number;
  /** When a pending delivery is tried next. */
  readonly next_at: Date;
  /** One entry per failed attempt, oldest first. */
  readonly failures: readonly DeliveryFailure[];
  /** What the receiver answered last. */
  readonly answer: ReceiverAnswer | null;
  readonly sent_parts: readonly SentPart[];
  readonly external_ids: readonly string[];
  readonly created_at: Date;
  readonly delivered_at: Date | null;
}

export interface DeliveryFailure {
  readonly attempt: number;
  readonly at: string;
  readonly code: string;
  readonly message: string;
}

/** Which deliveries; what is left out does not matter. */
export interface DeliverySelection {
  readonly task_id?: string;
  readonly dispatch_type?: string;
  readonly kind?: DeliveryKind;
  readonly target_key?: string;
}

export interface DeliveryFilter extends DeliverySelection, PageRequest {
  readonly state?: DeliveryState;
}
