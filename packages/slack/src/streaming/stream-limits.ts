import type { Clock } from "@core/registry";
import type { CallWindow } from "../call-window.ts";
import { createCallWindow } from "../call-window.ts";

/** What the streams of one workspace may do in a minute, a little below Slack's tiers. */
export interface StreamLimits {
  readonly starts: CallWindow;
  readonly appends: CallWindow;
  readonly stops: CallWindow;
  readonly edits: CallWindow;
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
      edits: createCallWindow({ clock, calls: 45 }),
      open: 0,
    };
    teams.set(installation, team);
    return team;
  };
}

/** How long a call has to wait; 0: it may be made, and is counted. */
export function admitTo(window: CallWindow): number {
  if (window.room() < 1) return Math.max(1, window.freeInMs());
  window.spend();
  return 0;
}
