import type * as Sqlite from "node:sqlite";

/** Loads node:sqlite without the one warning by which Node 22 calls it experimental. */
export function loadSqlite(): typeof Sqlite {
  const { emitWarning } = process;
  const filtered = (warning: string | Error, ...rest: unknown[]): void => {
    if (String(warning).includes("SQLite is an experimental feature")) return;
    Reflect.apply(emitWarning, process, [warning, ...rest]);
  };
  // Synchronous from here to the end: nobody else's warning can fall into the gap.
  process.emitWarning = filtered;
  try {
    return process.getBuiltinModule("node:sqlite");
  } finally {
    process.emitWarning = emitWarning;
  }
}
