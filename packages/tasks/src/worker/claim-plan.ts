import type { Clock } from "@core/registry";
import type { ClaimedTask } from "../task/claimed-task.ts";
import type { ExchangeRequest } from "../task/exchange.ts";
import { createClaimFloors } from "./claim-floors.ts";
import type { Demand } from "./demand.ts";
import type { WorkerSettings } from "./worker-options.ts";

/** Whether there is a reason to claim, and what the next claim asks for. */
export interface ClaimPlan {
  /** There may be something to claim. */
  look(): void;
  /** The next claim wakes planned tasks whose time has come. */
  wake(): void;
  /** What others have given back may be older than what was claimed last. */
  lookBehind(): void;
  /** How many to claim now, for a reason and without asking for crumbs. */
  wanted(): number;
  /** What a claim of so many asks for; it settles the reasons that there were. */
  next(limit: number): Pick<ExchangeRequest, "claim" | "wake">;
  answered(limit: number, claimed: readonly ClaimedTask[]): void;
  failed(limit: number): void;
}

export interface ClaimPlanOptions extends Pick<WorkerSettings, "queues"> {
  readonly types: readonly string[];
  readonly demand: Demand;
  readonly clock: Clock;
}

export function createClaimPlan({ queues, types, demand, clock }: ClaimPlanOptions): ClaimPlan {
  const floors = createClaimFloors(queues, clock);
  let shouldLook = false;
  let shouldWake = false;
  /** The last claim was filled, so there is more. */
  let isBacklogged = false;

  return {
    look() {
      shouldLook = true;
    },
    wake() {
      shouldWake = true;
    },
    lookBehind: floors.reset,
    wanted: () => (shouldLook && demand.isWorthAsking() ? demand.size() : 0),
    next(limit) {
      demand.asked(limit);
      if (limit === 0) return {};
      const wake = shouldWake;
      shouldWake = false;
      // While there is more than one claim takes, the next one need not wait for this one's answer.
      shouldLook = isBacklogged;
      return { claim: { queues, types, limit, floors: floors.next(isBacklogged) }, wake };
    },
    answered(limit, claimed) {
      demand.answered(limit);
      if (limit === 0) return;
      floors.claimed(claimed);
      const wasBacklogged = isBacklogged;
      isBacklogged = claimed.length === limit;
      // The last look among many began late in the queue: one more begins further back.
      if (isBacklogged || wasBacklogged) shouldLook = true;
    },
    failed(limit) {
      demand.answered(limit);
      // The next poll looks again, so that a database that is away is not asked all the time.
      if (limit > 0) shouldLook = isBacklogged = false;
    },
  };
}
