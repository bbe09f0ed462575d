import type { FailedDelivery, Logger } from "@core/registry";
import type { StatusEntry, StatusStep } from "./status-entry.ts";
import type { StatusNote, StatusNotes } from "./status-notes.ts";
import type { StatusPainter } from "./status-painter.ts";

export interface StatusStrokesOptions {
  readonly painter: StatusPainter;
  readonly notes: StatusNotes;
  readonly logger: Logger;
}

/** Takes one step for a message. Null: look for the next one; a number: this one has to wait so many milliseconds. */
export type StatusStrokes = (entry: StatusEntry, step: StatusStep) => Promise<number | null>;

const FIRST_RETRY_MS = 5_000;
const MOST_FAILURES = 5;

export function createStatusStrokes({ painter, notes, logger }: StatusStrokesOptions): StatusStrokes {
  return async (entry, step) => {
    if (step.action === "clear") return clear(entry, step);
    await set(entry, step);
    return null;
  };

  /** What passes is written down before it is set, so that a crash between the two leaves nothing behind. */
  async function set(entry: StatusEntry, { name, kind }: StatusStep): Promise<void> {
    const { team, message } = entry;
    if (!team.allows(kind)) return entry.leaveOut(name);
    entry.keep(name, kind);
    if (kind === "passing" && !(await isNoted(entry, name))) return entry.leaveOut(name);
    const failure = await painter.set(message, name);
    // Without an answer it may be there.
    if (failure === null || failure.failure === "ambiguous") return;
    if (failure.failure === "misconfigured") team.mute(failure);
    logger.debug({ code: failure.code, name }, "A status could not be shown in Slack.");
    entry.leaveOut(name);
    if (kind === "passing") await forget(entry, name);
  }

  async function clear(entry: StatusEntry, { name, kind }: StatusStep): Promise<number | null> {
    const { team, message } = entry;
    if (kind === "lasting" && !team.allows("passing")) return gone(entry, name);
    const waitMs = team.clearsInMs();
    if (waitMs > 0) return waitMs;
    const failure = await painter.clear(message, name);
    if (failure === null || failure.failure === "permanent") {
      await forget(entry, name);
      return gone(entry, name);
    }
    logger.debug({ code: failure.code, name }, "A status could not be taken away in Slack.");
    return afterFailedClear(entry, name, failure);
  }

  async function isNoted({ message }: StatusEntry, name: string): Promise<boolean> {
    try {
      await notes.add(noteOf(message, name));
      return true;
    } catch (error) {
      logger.debug({ err: error, name }, "A status that cannot be written down is not shown.");
      return false;
    }
  }

  async function forget({ message }: StatusEntry, name: string): Promise<void> {
    await notes.remove(noteOf(message, name)).catch((error: unknown) => {
      logger.debug({ err: error, name }, "A status is taken away once more at the next start.");
    });
  }
}

/** What cannot be taken away now stays written down for the next start. */
function afterFailedClear(entry: StatusEntry, name: string, failure: FailedDelivery): number | null {
  const { team } = entry;
  if (failure.failure === "misconfigured") {
    team.mute(failure);
    return gone(entry, name);
  }
  // What waits for Slack's limits has not failed.
  if (failure.retryAfterMs !== undefined) return failure.retryAfterMs;
  entry.failures += 1;
  if (entry.failures >= MOST_FAILURES) return gone(entry, name);
  return FIRST_RETRY_MS * 2 ** (entry.failures - 1);
}

function gone(entry: StatusEntry, name: string): null {
  entry.drop(name);
  return null;
}

function noteOf(
  { channel_id, message_ts, thread_ts, installation }: StatusEntry["message"],
  name: string,
): StatusNote {
  return { channel_id, message_ts, thread_ts, installation, name };
}
