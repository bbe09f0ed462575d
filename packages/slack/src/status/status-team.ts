import type { Clock, FailedDelivery, Logger } from "@core/registry";
import type { CallWindow } from "../call-window.ts";
import { createCallWindow } from "../call-window.ts";
import type { StatusPainter } from "./status-painter.ts";

/** What one workspace lets an app do for its status. */
export interface StatusTeam {
  readonly sets: CallWindow;
  readonly clears: CallWindow;
  /** What is set and has to be taken away. */
  outstanding: number;
  /** Whether something may be set; `passing`: only if it, and all that is set, could be taken away at once. */
  allows(kind: "passing" | "lasting"): boolean;
  /** Slack does not let the app show a status here: nothing is tried for a while, and one warning says why. */
  mute(failure: FailedDelivery): void;
}

export interface StatusTeamOptions {
  readonly limits: StatusPainter["limits"];
  readonly installation: string | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What was missing may have been granted by then. */
const MUTE_MS = 10 * 60_000;

export function createStatusTeam({ limits, installation, clock, logger }: StatusTeamOptions): StatusTeam {
  const sets = createCallWindow({ clock, calls: limits.set });
  const clears = createCallWindow({ clock, calls: limits.clear });
  let mutedUntil = 0;
  let hasWarned = false;
  const team: StatusTeam = {
    sets,
    clears,
    outstanding: 0,
    allows(kind) {
      if (clock.now() < mutedUntil || sets.room() < 1) return false;
      return kind === "lasting" || clears.room() > team.outstanding;
    },
    mute({ code, message }) {
      mutedUntil = clock.now() + MUTE_MS;
      if (hasWarned) return;
      hasWarned = true;
      const fields = { code, installation: installation ?? null };
      logger.warn(fields, `The status of runs is not shown in Slack, and all else goes on. ${message}`);
    },
  };
  return team;
}
