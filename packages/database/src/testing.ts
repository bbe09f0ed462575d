export { createPGliteTemplate, type PGliteTemplateOptions } from "./pglite-template.ts";
export {
  createPostgresDatabase,
  createTestDatabases,
  freshSchema,
  openTestDatabase,
  testEngines,
  type PostgresDatabase,
  type TestDatabases,
  type TestEngine,
} from "./test-database.ts";
