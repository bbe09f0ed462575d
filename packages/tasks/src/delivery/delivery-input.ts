import type { DeliveryKind, FieldIssue, JsonObject, JsonValue, Origin } from "@core/registry";
import { secretIssues } from "@core/registry";
import { payloadIssue } from "./delivery-payload.ts";
import { refusedDelivery } from "../errors.ts";
import { hasLengthOfName, NAME_LIMIT, unknownFields } from "../field-issues.ts";
import type { RetryPolicyName } from "../retry-policy.ts";
import { retryPolicies } from "../retry-policy.ts";
import { unstorableText } from "../store/storable-text.ts";
import { isUuid } from "../store/uuid.ts";

/** What is sent, stored once for all its targets. */
export interface DeliveryMessage {
  readonly kind: DeliveryKind;
  /** What it tells of, such as an event's id: the same kind, source and target make one delivery. */
  readonly source_id: string;
  /** What a dispatcher is given for this kind; of results and errors the result or the error alone. */
  readonly payload: JsonValue;
  /** The task that it belongs to, if it does. */
  readonly task_id?: string;
  /** Who speaks, resolved when it is sent. */
  readonly bot_id?: string;
  readonly origin?: Origin;
}

/** Where it is sent. */
export interface DeliveryTarget {
  readonly dispatch_type: string;
  /** Read by the dispatcher's schema, and stored as that gives it back. */
  readonly target?: JsonObject;
  /** Default: `webhook_event` for that kind, else `task_result`. */
  readonly policy?: RetryPolicyName;
  /** The line it stands in, one at a time and in order; null: none. Default: as the dispatcher says. */
  readonly order?: string | null;
  /** Not before so many milliseconds. */
  readonly delay_ms?: number;
  /** False: a type that is unknown here is parked until a server has it. Default true. */
  readonly strict?: boolean;
}

export type DeliveryInput = DeliveryMessage & DeliveryTarget;

type Check = (value: unknown) => string | null;

const LONGEST_DELAY_MS = 365 * 24 * 60 * 60_000;

const messageChecks: Readonly<Record<keyof DeliveryMessage, Check>> = {
  kind: name,
  source_id: name,
  payload: json,
  task_id: optional((value) =>
    typeof value === "string" && isUuid(value) ? null : "Give the id of a task, or leave it out.",
  ),
  bot_id: optional(name),
  origin: optional(json),
};

const targetChecks: Readonly<Record<keyof DeliveryTarget, Check>> = {
  dispatch_type: name,
  target: optional(json),
  policy: optional((value) =>
    Object.hasOwn(retryPolicies, String(value))
      ? null
      : `Give one of ${Object.keys(retryPolicies).join(", ")}, or leave it out.`,
  ),
  order: (value) => (value === null ? null : optional(name)(value)),
  delay_ms: optional((value) =>
    typeof value === "number" && value >= 0 && value <= LONGEST_DELAY_MS
      ? null
      : "Give milliseconds from 0 to a year, or leave it out.",
  ),
  strict: optional((value) => (typeof value === "boolean" ? null : "Give true or false, or leave it out.")),
};

/** @throws TasksError DELIVERY_INVALID naming every wrong field */
export function assertDelivery(message: DeliveryMessage, targets: readonly DeliveryTarget[]): void {
  const issues = issuesOf(message, messageChecks, "");
  if (issues.length === 0) issues.push(...contentIssues(message));
  for (const [place, target] of targets.entries()) {
    issues.push(...issuesOf(target, targetChecks, targets.length > 1 ? `targets.${place}.` : ""));
  }
  if (issues.length > 0) throw refusedDelivery("DELIVERY_INVALID", issues);
}

function issuesOf(given: object, checks: Readonly<Record<string, Check>>, prefix: string): FieldIssue[] {
  const wrong = Object.entries(checks).flatMap(([field, check]) => {
    const message = check((given as Readonly<Record<string, unknown>>)[field]);
    return message === null ? [] : [{ field, message }];
  });
  const issues = [...unknownFields(given, Object.keys(checks)), ...wrong];
  return issues.map(({ field, message }) => ({ field: prefix + field, message }));
}

function contentIssues({ kind, payload, origin }: DeliveryMessage): FieldIssue[] {
  const message = payloadIssue(kind, payload);
  const odd = message === null ? [] : [{ field: "payload", message }];
  return [...odd, ...unstorableText({ payload, origin }), ...secretIssues({ origin })];
}

function optional(check: Check): Check {
  return (value) => (value === undefined ? null : check(value));
}

function name(value: unknown): string | null {
  if (hasLengthOfName(value) && unstorableText(value).length === 0) return null;
  return `Give 1 to ${NAME_LIMIT} characters.`;
}

/** A circle is found first: other checks walk through the value and would not come back from it. */
function json(value: unknown): string | null {
  try {
    return JSON.stringify(value) === undefined ? "Give a JSON value." : null;
  } catch {
    return "Give a JSON value: no BigInt, no circle, not too many levels.";
  }
}
