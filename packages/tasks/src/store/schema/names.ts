/** Qualified, quoted names of the things in one Postgres schema, for SQL that is written as text. */
export type SchemaNames = (name: string) => string;

export function namesIn(schema: string): SchemaNames {
  return (name) => `"${schema}"."${name}"`;
}

/** Settings of functions that run all the time: planned once per session, never compiled. */
export const plannedOnce: string = "set plan_cache_mode = force_generic_plan set jit = off";

/**
 * Settings of those that search among tasks: their plans must not depend on statistics, which are wrong
 * whenever a queue has just filled or emptied. They hold for the function alone, so that no session keeps them.
 */
export const plannedByIndex: string = [
  plannedOnce,
  "set enable_seqscan = off",
  "set enable_hashjoin = off",
  "set enable_mergejoin = off",
  "set enable_bitmapscan = off",
].join(" ");
