import type { JsonValue } from "@core/registry";
import type { ClaimedDelivery } from "../delivery/delivery-claim.ts";

/** A delivery as a claim gives it, on its first attempt. */
export function claimedDelivery(
  row: Partial<ClaimedDelivery["row"]> = {},
  content: JsonValue = "hi",
): ClaimedDelivery {
  const complete: ClaimedDelivery["row"] = {
    id: "d1",
    kind: "task_result",
    source_id: "s1",
    target_key: "chat:1",
    task_id: "t1",
    dispatch_type: "chat",
    target: { room: 1 },
    target_checked: true,
    order_key: null,
    policy: "task_result",
    bot_id: null,
    origin: null,
    trace_context: null,
    attempt: 1,
    max_attempts: 12,
    fence: 1,
    uncertain: false,
    sent_parts: [],
    created_at: new Date(0),
  };
  return {
    row: { ...complete, ...row },
    content,
    lease: { id: "d1", fence: 1, worker: { id: "w", epoch: 1 } },
  };
}
