import type { MigrationSet } from "@core/database";

/** The Postgres schema that holds the tables unless another is named. */
export const DEFAULT_SCHEMA = "tasks";

/** The tables of @core/tasks; pass it to `database.migrate`. */
export function tasksMigrations(schema: string = DEFAULT_SCHEMA): MigrationSet {
  const inSchema = (table: string): string => `"${schema.replaceAll('"', '""')}".${table}`;
  return {
    name: schema === DEFAULT_SCHEMA ? "@core/tasks" : `@core/tasks in ${schema}`,
    migrations: [{ name: "0001-tasks", statements: firstTables(schema, inSchema) }],
  };
}

function firstTables(schema: string, inSchema: (table: string) => string): readonly string[] {
  const task = inSchema("task");
  const delivery = inSchema("delivery");
  return [
    `create schema if not exists "${schema.replaceAll('"', '""')}"`,
    `create table ${task} (
      id uuid primary key,
      seq bigint generated always as identity,
      type text not null,
      queue text not null,
      lane text,
      reason text not null check (reason in ('api', 'scheduled', 'delegation', 'callback', 'inject')),
      state text not null check (state in ('pending', 'running', 'waiting', 'complete', 'failed', 'cancelled')),
      failure_code text check (failure_code in ('timed_out', 'exhausted', 'non_retryable', 'lease_lost')),
      title text,
      bot_id text,
      session_id text,
      channel_id text,
      parent_task_id uuid,
      correlation_id text not null,
      dispatch_type text not null,
      priority smallint not null,
      attempt integer not null,
      max_attempts integer not null check (max_attempts > 0),
      max_run_seconds integer not null check (max_run_seconds > 0),
      idempotency_key text unique,
      fence bigint not null,
      worker_id text,
      worker_epoch bigint,
      created_at timestamptz not null default now(),
      scheduled_at timestamptz,
      run_at timestamptz not null,
      started_at timestamptz,
      finished_at timestamptz,
      check ((state = 'running') = (worker_id is not null)),
      check ((state in ('complete', 'failed', 'cancelled')) = (finished_at is not null)),
      check ((state = 'failed') = (failure_code is not null))
    )`,
    `create index task_claim on ${task} (priority desc, run_at, seq) where state = 'pending'`,
    `create index task_lane on ${task} (lane, seq) where lane is not null and state in ('pending', 'running', 'waiting')`,
    `create unique index task_lane_busy on ${task} (lane) where lane is not null and state in ('running', 'waiting')`,
    `create index task_running on ${task} (worker_id) where state = 'running'`,
    `create index task_newest on ${task} (seq)`,
    `create table ${inSchema("body")} (id uuid primary key, content jsonb not null)`,
    `create table ${inSchema("task_body")} (
      task_id uuid primary key references ${task} on delete cascade,
      prompt text,
      payload jsonb,
      dispatch_config jsonb,
      target_checked boolean not null,
      order_key text,
      callback_config jsonb,
      execution_config jsonb,
      origin jsonb,
      input_digest text not null,
      result_id uuid references ${inSchema("body")},
      errors jsonb not null default '[]'
    )`,
    `create table ${delivery} (
      id uuid primary key,
      seq bigint generated always as identity,
      kind text not null,
      source_id text not null,
      target_key text not null,
      task_id uuid references ${task} on delete set null,
      dispatch_type text not null,
      target jsonb not null,
      target_checked boolean not null,
      order_key text,
      policy text not null,
      payload_id uuid not null references ${inSchema("body")},
      bot_id text,
      origin jsonb,
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
      failures jsonb not null default '[]',
      answer jsonb,
      sent_parts jsonb not null default '[]',
      external_ids jsonb not null default '[]',
      created_at timestamptz not null default now(),
      delivered_at timestamptz,
      unique (kind, source_id, target_key),
      check ((state = 'sending') = (worker_id is not null)),
      check ((state = 'parked') = (park_reason is not null)),
      check ((state = 'delivered') = (delivered_at is not null))
    )`,
    `create index delivery_claim on ${delivery} (next_at, seq) where state = 'pending'`,
    `create index delivery_line on ${delivery} (order_key, seq)
      where order_key is not null and state in ('pending', 'open', 'sending', 'held')`,
    `create unique index delivery_line_busy on ${delivery} (order_key)
      where order_key is not null and state = 'sending'`,
    `create index delivery_sending on ${delivery} (worker_id) where state = 'sending'`,
    `create index delivery_parked on ${delivery} (dispatch_type) where state = 'parked'`,
    `create index delivery_of_task on ${delivery} (task_id)`,
    `create index delivery_newest on ${delivery} (seq)`,
    `create table ${inSchema("worker")} (
      id text primary key,
      epoch bigint not null,
      boot_id text not null,
      alive_until timestamptz not null,
      started_at timestamptz not null default now(),
      task_types text[] not null,
      dispatch_types text[] not null,
      host text not null,
      pid integer not null
    )`,
  ];
}
