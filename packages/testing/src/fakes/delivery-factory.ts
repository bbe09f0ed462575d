import type { Delivery, DeliveryKind, DeliveryPayloads } from "@core/registry";
import { textResult } from "@core/registry";

type DeliveryOfKind<Kind extends DeliveryKind, Target> = Extract<Delivery<Target>, { readonly kind: Kind }>;

/** Any part of a delivery; `payload` fits the `kind`. */
export type DeliveryDetails<Kind extends DeliveryKind, Target> = Partial<
  Omit<DeliveryOfKind<Kind, Target>, "kind" | "payload" | "target">
> & {
  /** Default `message`. */
  readonly kind?: Kind;
  readonly payload?: DeliveryPayloads[Kind];
  /** Default: an empty one. */
  readonly target?: Target;
};

/** A complete delivery, on its first attempt, that differs from the ordinary one only in these details. */
export function deliveryOf<Kind extends DeliveryKind = "message", Target = unknown>(
  details: DeliveryDetails<Kind, Target> = {},
): DeliveryOfKind<Kind, Target> {
  const kind: DeliveryKind = details.kind ?? "message";
  const fields = {
    id: "delivery-1",
    dispatch_type: "test",
    target: {},
    created_at: "2026-01-01T00:00:00.000Z",
    attempt: 1,
    bot: null,
    origin: null,
    sent_parts: [],
    payload: payloadOf(kind),
  };
  return { ...fields, ...details, kind } as unknown as DeliveryOfKind<Kind, Target>;
}

/** The kinds of the contract itself; packages may add others. */
type CoreKind = "task_result" | "task_error" | "message" | "mirror" | "child_result" | "webhook_event";

/** What a delivery of this kind carries when it says `text`; nothing for a kind that a package has added. */
export function payloadOf(kind: string, text = "Hello."): unknown {
  const payloads: Pick<DeliveryPayloads, CoreKind> = {
    task_result: { task_id: "task-1", result: textResult(text) },
    task_error: { task_id: "task-1", error: { code: "timed_out", message: text } },
    message: { text },
    mirror: { text, source: "test" },
    child_result: { task_id: "task-2", result: textResult(text) },
    webhook_event: { event: "task.completed", data: { text } },
  };
  return Object.hasOwn(payloads, kind) ? payloads[kind as CoreKind] : {};
}
