import type { Database } from "@core/database";
import { openDatabase } from "@core/database";
import { createOutbound, createWebhookDispatcher, generateWebhookSecret } from "@core/outbound";
import type { Delivery, Dispatcher } from "@core/registry";
import { createDispatcherRegistry, silentLogger, systemClock } from "@core/registry";
import type { Tasks } from "@core/tasks";
import { createTasks, tasksMigrations } from "@core/tasks";
import { sql } from "kysely";
import type { Receiver } from "./receiver.ts";

/** Attempts at once, of both sides: the default of a worker. */
export const CONCURRENCY = 16;

/** The real dispatcher, allowed to reach this machine. */
export function webhookDispatcher(): Dispatcher {
  const outbound = createOutbound({ allow: ["127.0.0.0/8"] });
  return createWebhookDispatcher({ outbound, signingSecrets: [generateWebhookSecret()] });
}

/** The addresses of some receivers; how each answers is the last part of its path. */
export function targetsAt({ origin }: Receiver, kinds: readonly string[]): readonly string[] {
  return kinds.map((kind, n) => `${origin}/${n}/${kind}`);
}

const payload = { event: "task.completed", data: { text: "A result of some length. ".repeat(8) } };

/** Posts without storing anything; deliveries per second. */
export async function postBarely(
  receiver: Receiver,
  dispatcher: Dispatcher,
  urls: readonly string[],
  count: number,
): Promise<number> {
  const deliveries = Array.from({ length: count }, (_, n) => bareDelivery(n, urls[n % urls.length] ?? ""));
  const context = {
    signal: new AbortController().signal,
    logger: silentLogger,
    clock: systemClock,
    partSent: async () => {},
  };
  const arrived = receiver.expect({ expected: count, busyMs: 0, retryAfterSeconds: 0 });
  const begun = nowMs();
  const rest = deliveries.values();
  const loop = async (): Promise<void> => {
    for (const one of rest) await dispatcher.deliver(one, context);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, loop));
  await arrived;
  return (count / (nowMs() - begun)) * 1_000;
}

export interface Outbox {
  readonly database: Database;
  readonly tasks: Tasks;
}

/** The outbox in an empty database, through which the dispatcher is reached. */
export async function openOutbox(
  place: { readonly url: string } | { readonly dataDir: string },
  dispatcher: Dispatcher,
): Promise<Outbox> {
  const database = await openDatabase(place);
  await database.migrate([tasksMigrations()]);
  const dispatchers = createDispatcherRegistry();
  dispatchers.register("webhook", dispatcher, { owner: "benchmark" });
  return { database, tasks: createTasks({ database, dispatchers }) };
}

/** Writes an event for each of the addresses, again and again, until there are so many of each. */
export async function fill(
  { tasks, database }: Outbox,
  urls: readonly string[],
  each: number,
): Promise<void> {
  const targets = urls.map((url) => ({ dispatch_type: "webhook", target: { url } }));
  for (let n = 0; n < each; n += 1) {
    await tasks.deliveries.sendMany({ kind: "webhook_event", source_id: `event-${n}`, payload }, targets);
  }
  // Written before there was a worker.
  await sql`update tasks.delivery set state = 'pending', park_reason = null`.execute(database.kysely);
}

/** Milliseconds since 1970, finer than `Date`. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

function bareDelivery(n: number, url: string): Delivery {
  return {
    id: crypto.randomUUID(),
    dispatch_type: "webhook",
    target: { url },
    created_at: new Date().toISOString(),
    attempt: 1,
    bot: null,
    origin: null,
    sent_parts: [],
    kind: "webhook_event",
    payload: { ...payload, data: { ...payload.data, n } },
  };
}
