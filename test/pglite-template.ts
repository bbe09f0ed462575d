import { join } from "node:path";
import { createPGliteTemplate } from "../packages/database/src/testing.ts";

export interface PGliteTemplate {
  /** A tar for databases in memory. */
  readonly dumpFile: string;
  /** The files of an initialised database: copy it to `<DATA_DIR>/pglite`. */
  readonly folder: string;
}

/** Initialises PGlite once per run; a start from either form takes a quarter of the time. */
export async function preparePGliteTemplate(parent: string): Promise<PGliteTemplate> {
  const template = { dumpFile: join(parent, "pglite.tar"), folder: join(parent, "pglite") };
  await createPGliteTemplate(template);
  return template;
}
