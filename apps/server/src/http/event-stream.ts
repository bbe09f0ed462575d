import type { Clock } from "@core/registry";
import type { FeedEvent, TaskEvents } from "@core/tasks";
import type { Context } from "hono";
import type { SSEStreamingApi } from "hono/streaming";
import { streamSSE } from "hono/streaming";
import type { AppEnv } from "./app-env.ts";
import type { EventMessage, EventQueue } from "./event-queue.ts";
import { createEventQueue } from "./event-queue.ts";
import { wireRecord } from "./wire-record.ts";

export interface EventStreamOptions {
  readonly events: TaskEvents;
  /** The place after which the client wants to hear. */
  readonly lastEventId: string | undefined;
  /** Whether the client asked for such events. */
  readonly wants: (event: FeedEvent) => boolean;
  /** Aborted when the server stops. */
  readonly closing: AbortSignal;
  readonly clock: Clock;
}

/** Why a client has to look at everything again. */
type ResetReason = "unknown_id" | "gap" | "too_slow";

const HEARTBEAT_MS = 15_000;
const MOST_WAITING = 1_000;

/** Answers with events as they happen, until the client goes or the server stops. */
export function eventStream(context: Context<AppEnv>, options: EventStreamOptions): Response {
  return streamSSE(context, async (stream) => {
    const { events, closing } = options;
    const queue = createEventQueue(MOST_WAITING, () => reset(events.position, "too_slow"));
    const push = (event: FeedEvent): void => {
      if (event.type === "gap" || options.wants(event)) queue.push(messageOf(event));
    };
    // From one turn of the event loop, so that nothing happens between what was missed and what is to come.
    const unsubscribe = events.subscribe(push);
    begin(options, queue, push);
    stream.onAbort(queue.end);
    closing.addEventListener("abort", queue.end);
    const cancelHeartbeat = startHeartbeat(options, queue);
    try {
      await events.ready();
      if (closing.aborted) queue.end();
      await send(stream, queue);
    } finally {
      cancelHeartbeat();
      closing.removeEventListener("abort", queue.end);
      unsubscribe();
    }
  });
}

/** What the client has missed, or that it has to look again; a new one is told its place. */
function begin(
  { events, lastEventId }: EventStreamOptions,
  queue: EventQueue,
  push: (event: FeedEvent) => void,
): void {
  const missed = lastEventId === undefined ? [] : events.since(lastEventId);
  if (missed === null) queue.push(reset(events.position, "unknown_id"));
  else missed.forEach(push);
  if (queue.isEmpty) queue.push(aliveAt(events.position));
}

function startHeartbeat({ events, clock }: EventStreamOptions, queue: EventQueue): () => void {
  let cancel = (): void => {};
  plan();
  return () => cancel();

  function plan(): void {
    cancel = clock.after(HEARTBEAT_MS, () => {
      if (queue.isEmpty) queue.push(aliveAt(events.position));
      plan();
    });
  }
}

async function send(stream: SSEStreamingApi, queue: EventQueue): Promise<void> {
  for (let next = await queue.next(); next !== null; next = await queue.next()) {
    const { id, event, data } = next;
    if (event === undefined) await stream.write(`: ${data}\nid: ${id}\n\n`);
    else await stream.writeSSE({ id, event, data });
  }
}

function messageOf(event: FeedEvent): EventMessage {
  if (event.type === "gap") return reset(event.id, "gap");
  return { id: event.id, event: event.type, data: JSON.stringify(wireRecord(event)) };
}

function reset(id: string, reason: ResetReason): EventMessage {
  return { id, event: "reset", data: JSON.stringify({ reason }) };
}

function aliveAt(id: string): EventMessage {
  return { id, data: "alive" };
}
