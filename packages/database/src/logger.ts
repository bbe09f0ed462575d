/** Where warnings go that nobody awaits: lost connections, handlers that threw. Pino's shape. */
export interface DatabaseLogger {
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** Logs nothing: the default. */
export const silentLogger: DatabaseLogger = { warn: () => undefined };
