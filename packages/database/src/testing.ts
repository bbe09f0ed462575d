export { createPGliteTemplate, type PGliteTemplateOptions } from "./pglite-template.ts";
export {
  createTestDatabases,
  freshSchema,
  openTestDatabase,
  testEngines,
  type TestDatabases,
  type TestEngine,
} from "./test-database.ts";
