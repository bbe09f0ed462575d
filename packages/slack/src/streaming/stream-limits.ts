import type { Clock } from "@core/registry";
import type { CallWindow } from "../call-window.ts";
import { createCallWindow } from "../call-window.ts";

/** What the streams of one workspace may do in a minute, a little below Slack's tiers. */
export interface StreamLimits {
  readonly starts: CallWindow;
  readonly appends: CallWindow;
  readonly stops: CallWindow;
  /** Of messages that grow; the rest of the tier is for `endings`. */
  readonly edits: CallWindow;
  /** Messages that begin, each of which may take an edit in the end. */
  readonly endings: CallWindow;
  /** Streams that have begun and have to be ended. */
  open: number;
}

/** The limits by workspace, shared by all streams of a process. */
export function createStreamLimits(clock: Clock): (installation: string | undefined) => StreamLimits {
  const teams = new Map<string, StreamLimits>();
  return (installation = "") => {
    const team = teams.get(installation) ?? {
      starts: createCallWindow({ clock, calls: 18 }),
      appends: createCallWindow({ clock, calls: 90 }),
      stops: createCallWindow({ clock, calls: 18 }),
      edits: createCallWindow({ clock, calls: 30 }),
      endings: createCallWindow({ clock, calls: 18 }),
      open: 0,
    };
    teams.set(installation, team);
    return team;
  };
}

/** How long a call that falls under all of these has to wait; 0: it may be made, and is counted. */
export function admitTo(...windows: readonly CallWindow[]): number {
  const full = windows.filter((window) => window.room() < 1);
  if (full.length > 0) return Math.max(1, ...full.map((window) => window.freeInMs()));
  for (const window of windows) window.spend();
  return 0;
}
