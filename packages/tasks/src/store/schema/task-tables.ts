import type { SchemaNames } from "./names.ts";

/**
 * The row that has its lane: under way, or next. One that has been claimed once keeps the lane until its end, so
 * that nobody overtakes it while it waits to be tried again. One that somebody retries after its end lines up anew.
 */
export const holdsLane: string =
  "lane is not null and (state in ('running', 'waiting')" +
  " or (state = 'pending' and (turn in ('now', 'limited') or (turn = 'planned' and fence > 0))))";

/** Tables of tasks and workers. `task` is the narrow row that claims and state changes touch; bodies lie apart. */
export function taskTables(name: SchemaNames): readonly string[] {
  const task = name("task");
  return [
    `create table ${task} (
      id uuid primary key,
      seq bigint generated always as identity,
      type text not null,
      queue text not null,
      lane text,
      limit_key text,
      reason text not null check (reason in ('api', 'scheduled', 'delegation', 'callback', 'inject')),
      state text not null check (state in ('pending', 'running', 'waiting', 'complete', 'failed', 'cancelled')),
      turn text not null check (turn in ('now', 'limited', 'line', 'planned')),
      failure_code text check (failure_code in ('timed_out', 'exhausted', 'non_retryable', 'lease_lost')),
      title text,
      bot_id text,
      session_id text,
      channel_id text,
      parent_task_id uuid,
      root_task_id uuid,
      depth smallint not null default 0,
      correlation_id text,
      dispatch_type text not null,
      priority smallint not null check (priority > -32768),
      attempt integer not null default 0,
      max_attempts integer not null check (max_attempts > 0),
      max_run_seconds integer not null check (max_run_seconds > 0),
      retries integer not null default 0,
      idempotency_key text,
      fence bigint not null default 0,
      worker_id text,
      worker_epoch bigint,
      cancel_requested_at timestamptz,
      result_id uuid,
      created_at timestamptz not null,
      scheduled_at timestamptz,
      run_at timestamptz not null,
      ready_at timestamptz not null,
      started_at timestamptz,
      finished_at timestamptz,
      check ((state = 'running') = (worker_id is not null)),
      check ((state in ('complete', 'failed', 'cancelled')) = (finished_at is not null)),
      check ((state = 'failed') = (failure_code is not null))
    ) with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_limit = 2000)`,
    `create index task_claim on ${task} (queue, (-priority), ready_at, seq) where state = 'pending' and turn = 'now'`,
    `create index task_limited on ${task} (queue, type, limit_key, (-priority), ready_at, seq)
      where state = 'pending' and turn = 'limited'`,
    `create index task_planned on ${task} (run_at) where state = 'pending' and turn = 'planned'`,
    `create index task_line on ${task} (lane, seq) where state = 'pending' and turn = 'line'`,
    `create unique index task_lane_holder on ${task} (lane) where ${holdsLane}`,
    `create index task_running on ${task} (worker_id) where state = 'running'`,
    `create index task_limited_running on ${task} (queue, type, limit_key) where state = 'running' and turn = 'limited'`,
    `create unique index task_idempotency on ${task} (idempotency_key) where idempotency_key is not null`,
    `create index task_of_session on ${task} (session_id, id) where session_id is not null`,
    `create index task_of_parent on ${task} (parent_task_id, finished_at) where parent_task_id is not null`,
    `create index task_of_root on ${task} (root_task_id, id) where root_task_id is not null`,
    `create index task_not_complete on ${task} (state, id) where state in ('failed', 'cancelled')`,
    `create table ${name("task_body")} (
      task_id uuid primary key,
      prompt text,
      payload jsonb,
      dispatch_config jsonb,
      target_checked boolean not null,
      order_key text,
      callback_config jsonb,
      execution_config jsonb,
      origin jsonb,
      trace_context jsonb,
      input_digest text,
      errors jsonb not null default '[]',
      progress jsonb,
      log jsonb
    )`,
    `create table ${name("body")} (id uuid primary key, content jsonb not null)`,
    `create table ${name("task_dedupe")} (key text primary key, task_id uuid, until timestamptz)`,
    `create index task_dedupe_until on ${name("task_dedupe")} (until)`,
    `create table ${name("worker")} (
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
