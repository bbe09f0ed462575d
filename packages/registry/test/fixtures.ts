import type { Delivery } from "../src/delivery.ts";
import type { DeliveryContext } from "../src/dispatcher.ts";
import type { HookContext } from "../src/hook-events.ts";
import type { Logger } from "../src/logger.ts";
import { silentLogger } from "../src/logger.ts";
import { createFakeClock } from "./fake-clock.ts";

/** The context of work that belongs to one correlation id, or to none. */
export function contextOf(correlationId: string | null = null): HookContext {
  return {
    bot_id: "bot-1",
    session_id: null,
    channel_id: null,
    client_id: null,
    correlation_id: correlationId,
    origin: null,
  };
}

export function messageDelivery<Target>(target: Target): Delivery<Target> {
  return {
    id: "delivery-1",
    dispatch_type: "hello",
    target,
    created_at: "2030-01-01T00:00:00.000Z",
    attempt: 1,
    bot: null,
    origin: null,
    sent_parts: [],
    kind: "message",
    payload: { text: "Hi." },
  };
}

export function deliveryContext(): DeliveryContext {
  return {
    signal: new AbortController().signal,
    logger: silentLogger,
    clock: createFakeClock(),
    partSent: () => Promise.resolve(),
  };
}

/** A logger that keeps its warnings. */
export function recordingLogger(): Logger & { readonly warnings: string[] } {
  const warnings: string[] = [];
  return { ...silentLogger, warnings, warn: (_fields, message) => void warnings.push(message) };
}

/** Hands over what the types forbid, as an author without types might. */
export function untyped(value: unknown): never {
  return value as never;
}
