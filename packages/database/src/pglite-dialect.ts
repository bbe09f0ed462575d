import {
  CompiledQuery,
  PGliteDialect,
  PGliteDriver,
  type PGliteDialectConfig,
  type TransactionSettings,
} from "kysely";

/** Kysely's own PGlite dialect, which keeps to a transaction's isolation level and access mode as well. */
export class StrictPGliteDialect extends PGliteDialect {
  readonly #config: PGliteDialectConfig;

  constructor(config: PGliteDialectConfig) {
    super(config);
    this.#config = config;
  }

  override createDriver(): PGliteDriver {
    return new StrictPGliteDriver(this.#config);
  }
}

class StrictPGliteDriver extends PGliteDriver {
  override async beginTransaction(
    connection: Parameters<PGliteDriver["beginTransaction"]>[0],
    { isolationLevel, accessMode }: TransactionSettings = {},
  ): Promise<void> {
    await super.beginTransaction(connection);
    const modes = [isolationLevel && `isolation level ${isolationLevel}`, accessMode].filter(Boolean);
    if (modes.length > 0)
      await connection.executeQuery(CompiledQuery.raw(`set transaction ${modes.join(", ")}`));
  }
}
