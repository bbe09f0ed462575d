import type { Delivery, DeliveryContext, DeliveryOutcome, Dispatcher } from "@core/registry";
import { delivered } from "@core/registry";
import { BOARD_TOKEN } from "./board-subject.ts";
import type { FakeBoard } from "./readme/fake-board.ts";

/** A fetch as some SDKs have it: after a lost answer it sends again by itself. */
export const hiddenRetries: typeof fetch = async (input, init) => {
  try {
    return await fetch(input, init);
  } catch (error) {
    if (init?.signal?.aborted) throw error;
    return fetch(input, init);
  }
};

/** Takes every failure for a success. */
export function claimsSuccess(right: Dispatcher): Dispatcher {
  return changed(right, async (delivery, context) => {
    const outcome = await right.deliver(delivery, context).catch(() => delivered());
    return outcome.status === "failed" ? delivered() : outcome;
  });
}

export function ignoresSignal(right: Dispatcher): Dispatcher {
  const { signal } = new AbortController();
  return changed(right, (delivery, context) => right.deliver(delivery, { ...context, signal }));
}

/** Begins a text anew on every attempt. */
export function repeatsParts(right: Dispatcher): Dispatcher {
  return changed(right, (delivery, context) => right.deliver({ ...delivery, sent_parts: [] }, context));
}

/** Sends on while a part is being stored. */
export function hurriesOn(right: Dispatcher): Dispatcher {
  return changed(right, (delivery, context) => {
    const partSent: DeliveryContext["partSent"] = async (part) => void context.partSent(part).catch(() => {});
    return right.deliver(delivery, { ...context, partSent });
  });
}

/** Keeps it to itself what has arrived. */
export function reportsNoParts(right: Dispatcher): Dispatcher {
  return changed(right, (delivery, context) =>
    right.deliver(delivery, { ...context, partSent: async () => {} }),
  );
}

/** Shows its token to whoever reads of a failure. */
export function tellsToken(right: Dispatcher): Dispatcher {
  return changed(right, async (delivery, context) => {
    const outcome = await right.deliver(delivery, context);
    if (outcome.status !== "failed") return outcome;
    return { ...outcome, message: `POST with Bearer ${BOARD_TOKEN}: ${outcome.message}` };
  });
}

/** The same in the log. */
export function logsToken(right: Dispatcher): Dispatcher {
  return changed(right, (delivery, context) => {
    context.logger.debug({ request: { headers: { authorization: BOARD_TOKEN } } }, "Sending.");
    return right.deliver(delivery, context);
  });
}

/** Says that the receiver drops copies, and gives it nothing to drop them by. */
export function claimsIdempotence(right: Dispatcher): Dispatcher {
  return { ...right, idempotent: true };
}

/** Takes any message with the same text for its own. */
export function reconcilesByText(right: Dispatcher, service: FakeBoard): Dispatcher {
  const reconcile: Dispatcher["reconcile"] = async (delivery, context) => {
    const text = delivery.kind === "task_result" ? delivery.payload.result.text : "";
    const isThere = service.messages.some((message) => message.text === text);
    if (isThere) return { status: "sent", externalIds: [] };
    return (await right.reconcile?.(delivery, context)) ?? { status: "unknown" };
  };
  return { ...right, reconcile };
}

/** Tries again later what it was told to try later, but when it likes. */
export function ignoresRetryAfter(right: Dispatcher): Dispatcher {
  return changed(right, async (delivery, context) => {
    const outcome = await right.deliver(delivery, context);
    return outcome.status === "failed" ? { ...outcome, retryAfterMs: 1 } : outcome;
  });
}

/** Takes any target. */
export function takesAnyTarget(right: Dispatcher): Dispatcher {
  const target: Dispatcher["target"] = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: (value) => ({ value: { room: "hall", ...Object(value) } }),
    },
  };
  return { ...right, target };
}

/** Has another order every time. */
export function ordersByChance(right: Dispatcher): Dispatcher {
  let count = 0;
  return { ...right, orderKey: () => `room-${(count += 1)}` };
}

/** Has no answer to one kind. */
export function throwsForWebhookEvents(right: Dispatcher): Dispatcher {
  return changed(right, (delivery, context) => {
    if (delivery.kind === "webhook_event") throw new TypeError("payload.text is undefined");
    return right.deliver(delivery, context);
  });
}

/** Puts the parts in another order. */
export function shufflesParts(right: Dispatcher): Dispatcher {
  return changed(right, (delivery, context) => {
    if (delivery.kind !== "task_result") return right.deliver(delivery, context);
    const text = delivery.payload.result.text.split(" ").toReversed().join(" ");
    const payload = { ...delivery.payload, result: { ...delivery.payload.result, text } };
    return right.deliver(text.startsWith("w") ? { ...delivery, payload } : delivery, context);
  });
}

/** Not wrong, but cautious: whatever may have arrived is held. */
export function cannotReconcile(right: Dispatcher): Dispatcher {
  const { reconcile: _reconcile, ...others } = right;
  return others;
}

function changed(
  right: Dispatcher,
  deliver: (delivery: Delivery, context: DeliveryContext) => Promise<DeliveryOutcome>,
): Dispatcher {
  return { ...right, deliver };
}
