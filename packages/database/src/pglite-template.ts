import { writeFile } from "node:fs/promises";
import { PGlite } from "@electric-sql/pglite";

export interface PGliteTemplateOptions {
  /** Becomes the files of an initialised database: copy it to `<dataDir>/pglite` to start there quickly. */
  readonly folder: string;
  /** Becomes a tar of the same, for databases in memory. */
  readonly dumpFile: string;
}

/** Initialises PGlite once, so that many tests need not. */
export async function createPGliteTemplate({ folder, dumpFile }: PGliteTemplateOptions): Promise<void> {
  const pglite = await PGlite.create({ dataDir: folder });
  try {
    const dump = await pglite.dumpDataDir("none");
    await writeFile(dumpFile, dump.stream());
  } finally {
    await pglite.close();
  }
}
