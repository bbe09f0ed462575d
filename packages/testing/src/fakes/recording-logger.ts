import type { LogFields, Logger } from "@core/registry";

export interface LogEntry {
  readonly level: "debug" | "info" | "warn" | "error";
  /** With those of the loggers that this one is a child of. */
  readonly fields: LogFields;
  readonly message: string;
}

export interface RecordingLogger extends Logger {
  /** All that it and its children were given, in order. */
  readonly entries: readonly LogEntry[];
  child(fields: LogFields): RecordingLogger;
}

/** A logger that keeps what it is given. */
export function createRecordingLogger(): RecordingLogger {
  return loggerInto([], {});
}

function loggerInto(entries: LogEntry[], inherited: LogFields): RecordingLogger {
  const write =
    (level: LogEntry["level"]) =>
    (fields: LogFields, message: string): void =>
      void entries.push({ level, fields: { ...inherited, ...fields }, message });
  return {
    entries,
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    child: (fields) => loggerInto(entries, { ...inherited, ...fields }),
  };
}
