import type { SchemaNames } from "./names.ts";

/**
 * A delivery that may go: in a line only the first one, one at a time, which the index `delivery_line_busy` makes sure
 * of; a held one keeps its line until its `next_at`. `d` is the delivery.
 */
export function isFirstInLine(name: SchemaNames): string {
  return `(d.order_key is null or not exists (
    select 1 from ${name("delivery")} e where e.order_key = d.order_key and (e.state = 'sending' or (e.seq < d.seq
      and (e.state in ('pending', 'open') or (e.state = 'held' and e.next_at > clock_timestamp()))))))`;
}

/** The three parts of those that are pending, each with an index of its own. */
export const pending = {
  free: "state = 'pending' and order_key is null and not set_aside",
  inLine: "state = 'pending' and order_key is not null and not set_aside",
  /** It is due, and waits apart from the others until its target may be called. */
  aside: "state = 'pending' and set_aside",
} as const;

/** Why a delivery whose stream was open is skipped when its task fails or is cancelled. */
export const STREAM_GIVEN_UP = "Its task ended without a result. What its stream has sent stays.";

/**
 * The outbox. `delivery_target` has a row for each target in trouble and for no other: how often it has failed in a row,
 * and until when nobody may call it. With `probing` that is how long the one attempt may take that is made to find out.
 * Without `until` it may be called, and stays until the last delivery that was set aside for it has gone.
 */
export function deliveryTables(name: SchemaNames): readonly string[] {
  const delivery = name("delivery");
  return [
    `create table ${delivery} (
      id uuid primary key,
      seq bigint generated always as identity,
      kind text not null,
      source_id text not null,
      target_key text not null,
      task_id uuid,
      dispatch_type text not null,
      target jsonb not null,
      target_checked boolean not null,
      order_key text,
      policy text not null,
      payload_id uuid references ${name("body")},
      bot_id text,
      origin jsonb,
      trace_context jsonb,
      state text not null check (state in
        ('pending', 'open', 'sending', 'delivered', 'skipped', 'dead', 'held', 'parked')),
      park_reason text check (park_reason in
        ('unknown_type', 'misconfigured', 'unavailable', 'endpoint_disabled')),
      skip_reason text,
      attempt integer not null default 0,
      max_attempts integer not null,
      fence bigint not null default 0,
      worker_id text,
      worker_epoch bigint,
      uncertain boolean not null default false,
      next_at timestamptz not null default now(),
      set_aside boolean not null default false,
      failures jsonb not null default '[]',
      answer jsonb,
      sent_parts jsonb not null default '[]',
      external_ids jsonb not null default '[]',
      created_at timestamptz not null default now(),
      delivered_at timestamptz,
      unique (kind, source_id, target_key),
      check (payload_id is not null or state in ('open', 'skipped')),
      check (not set_aside or state = 'pending'),
      check ((state = 'sending') = (worker_id is not null)),
      check ((state = 'parked') = (park_reason is not null)),
      check ((state = 'delivered') = (delivered_at is not null))
    )`,
    `create index delivery_claim on ${delivery} (next_at, seq) 
      where state = 'pending' and order_key is null and not set_aside`,
    `create index delivery_claim_in_line on ${delivery} (next_at, seq) 
      where state = 'pending' and order_key is not null and not set_aside`,
    `create index delivery_line on ${delivery} (order_key, seq)
      where order_key is not null and state in ('pending', 'open', 'sending', 'held')`,
    `create unique index delivery_line_busy on ${delivery} (order_key)
      where order_key is not null and state = 'sending'`,
    `create index delivery_sending on ${delivery} (worker_id) where state = 'sending'`,
    `create index delivery_parked on ${delivery} (dispatch_type) where state = 'parked'`,
    `create index delivery_of_task on ${delivery} (task_id) where task_id is not null`,
    `create index delivery_of_body on ${delivery} (payload_id)`,
    `create index delivery_set_aside on ${delivery} (target_key, seq) where ${pending.aside}`,
    `create index delivery_open on ${delivery} (task_id) where state = 'open'`,
    `create index delivery_to_decide on ${delivery} (state, id) where state in ('dead', 'held', 'parked')`,
    `create table ${name("delivery_target")} (
      target_key text primary key,
      failures integer not null,
      until timestamptz,
      probing boolean not null default false,
      touched_at timestamptz not null default clock_timestamp()
    )`,
  ];
}
