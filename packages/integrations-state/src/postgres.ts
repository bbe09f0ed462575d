export { createPostgresStore } from "./postgres/postgres-store.ts";
export type { PostgresStoreOptions, StateDatabase } from "./postgres/postgres-store.ts";
export { stateMigrations } from "./postgres/state-migrations.ts";
export type { StateMigrations } from "./postgres/state-migrations.ts";
export type { StateMutator, StateStore, StateUpdate } from "./state/state-store.ts";
export type { IntegrationState } from "./state/integration-state.ts";
