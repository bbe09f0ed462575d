export { databaseMigrations, databaseMigrationsIn } from "./blob-migrations.ts";
export type { BlobInfo, BlobMeta, BlobSource } from "./blob.ts";
export { createBlobStore, type BlobStore, type BlobStoreOptions } from "./blob-store.ts";
export type { ListenOptions, NotificationHandler } from "./channel-hub.ts";
export { lockDataDir, type DataDirLock } from "./data-dir-lock.ts";
export type { Database } from "./database.ts";
export {
  DatabaseError,
  isDatabaseError,
  type DatabaseErrorCode,
  type DatabaseErrorOptions,
} from "./errors.ts";
export type { DatabaseLogger } from "./logger.ts";
export { checkMigrations, type MigrationCheck } from "./migration-check.ts";
export type { MigrationName } from "./migration-ledger.ts";
export type { MigrationReport } from "./migration-runner.ts";
export type { Migration, MigrationSet } from "./migration-set.ts";
export { exportMigrationSql } from "./migration-sql.ts";
export { openDatabase, type DatabaseOptions } from "./open-database.ts";
export type { EmbeddedOptions, MemoryOptions } from "./pglite-engine.ts";
export type { PostgresOptions } from "./postgres-engine.ts";
export { prepared } from "./prepared-statements.ts";
