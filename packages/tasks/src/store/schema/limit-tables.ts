import type { SchemaNames } from "./names.ts";

/** Limits of how many tasks run at once or start in a time, and what is paused. */
export function limitTables(name: SchemaNames): readonly string[] {
  return [
    `create table ${name("task_limit")} (
      scope text not null check (scope in ('type', 'queue', 'key')),
      name text not null,
      concurrency integer check (concurrency > 0),
      rate_count integer check (rate_count > 0),
      rate_per_ms double precision check (rate_per_ms > 0),
      strategy text not null default 'queue' check (strategy in ('queue', 'skip', 'cancel_running')),
      free_at timestamptz not null default '-infinity',
      primary key (scope, name),
      check ((rate_count is null) = (rate_per_ms is null)),
      check (strategy = 'queue' or concurrency is not null)
    )`,
    `create index task_limit_strategy on ${name("task_limit")} (scope, name) where strategy <> 'queue'`,
    `create table ${name("task_pause")} (
      scope text not null check (scope in ('type', 'queue', 'key')),
      name text not null,
      paused_at timestamptz not null default clock_timestamp(),
      primary key (scope, name)
    )`,
    // Claims in order; those that go by group have another index. Each is written so that the other never fits its order.
    `create index task_limited_order on ${name("task")} (queue, (0 - priority), ready_at, seq)
      where state = 'pending' and turn = 'limited'`,
  ];
}

/** True in SQL when a task of the table `alias` may start only as far as its limits allow. */
export function isLimited(name: SchemaNames, alias: string): string {
  const has = (scope: string, column: string): string =>
    `exists (select 1 from ${name("task_limit")} l where l.scope = '${scope}' and l.name = ${alias}.${column})`;
  return `(${alias}.limit_key is not null or ${has("type", "type")} or ${has("queue", "queue")})`;
}

/**
 * The lock that claims share and that a new limit or pause takes alone for a moment: so that after it no claim goes
 * on that has not seen it.
 */
export function limitsLock(name: SchemaNames): string {
  return `hashtextextended('${name("task_limit").replaceAll("'", "''")}', 0)`;
}
