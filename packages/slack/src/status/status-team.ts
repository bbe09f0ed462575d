import type { Clock, FailedDelivery, Logger } from "@core/registry";
import type { CallBudget } from "../call-budget.ts";
import { tokenRef } from "../slack-token.ts";
import type { StatusPainter } from "./status-painter.ts";

/** What one workspace lets an app do for its status. */
export interface StatusTeam {
  /** What is set and has to be taken away. */
  outstanding: number;
  /** Whether something may be set; `passing`: only if it, and all that is set, could be taken away at once. */
  allows(kind: "passing" | "lasting"): boolean;
  /** How long until something may be taken away; 0: now. */
  clearsInMs(): number;
  /** Slack does not let the app show a status here: nothing is tried for a while, and one warning says why. */
  mute(failure: FailedDelivery): void;
}

export interface StatusTeamOptions {
  readonly methods: StatusPainter["methods"];
  readonly installation: string | undefined;
  readonly budget: Pick<CallBudget, "freeInMs">;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What was missing may have been granted by then. */
const MUTE_MS = 10 * 60_000;

export function createStatusTeam(options: StatusTeamOptions): StatusTeam {
  const { methods, installation, budget, clock, logger } = options;
  const workspace = tokenRef({ installation });
  const setting = { team: workspace, method: methods.set };
  const clearing = { team: workspace, method: methods.clear };
  let mutedUntil = 0;
  let hasWarned = false;
  const team: StatusTeam = {
    outstanding: 0,
    allows(kind) {
      if (clock.now() < mutedUntil || budget.freeInMs(setting) > 0) return false;
      if (kind === "lasting") return true;
      // Where one method does both, each that is being set may still take a call of it.
      const callsEach = methods.set === methods.clear ? 2 : 1;
      return budget.freeInMs(clearing, (team.outstanding + 1) * callsEach) === 0;
    },
    clearsInMs: () => budget.freeInMs(clearing),
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
