import type { Bot, Clock, DeliveryOutcome, DispatcherRegistry, Logger, SentPart } from "@core/registry";
import type { AttemptEnd } from "./delivery-attempt.ts";
import { attemptDelivery } from "./delivery-attempt.ts";
import type { ClaimedDelivery } from "./delivery-claim.ts";
import type { DeliveryEnd } from "./delivery-settlement.ts";
import { endOf, givenBack, storeSentPart } from "./delivery-settlement.ts";
import { verdictOf, withoutDetails } from "./delivery-verdict.ts";
import type { PersistOptions } from "../lease/persistence.ts";
import { persist } from "../lease/persistence.ts";
import type { Store } from "../store/store.ts";
import { observeAttempt } from "../telemetry/delivery-observation.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { TaskReporter } from "../watch/task-reporter.ts";
import type { ResolveFileLink } from "./unsupported-files.ts";

/** Says who speaks in a delivery; null: nobody in particular. */
export type ResolveBot = (botId: string) => Promise<Bot | null>;

export interface DeliveryRunDeps {
  readonly store: Store;
  readonly dispatchers: DispatcherRegistry;
  readonly resolveBot: ResolveBot;
  readonly fileLink: ResolveFileLink;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly timeoutMs: number;
  readonly telemetry?: Telemetry | null;
  readonly hopeless: PersistOptions["hopeless"];
  readonly reporter: Pick<TaskReporter, "delivery">;
  /** Writes what became of the attempt; false: its lease was lost. */
  readonly settle: (end: DeliveryEnd) => Promise<boolean>;
  /** Told when the attempt is over, before its outcome is stored. */
  readonly onAttempted?: (outcome: DeliveryOutcome) => void;
}

/** Makes one attempt at a claimed delivery and stores what came of it. Never rejects. */
export async function runDelivery(
  claimed: ClaimedDelivery,
  stop: AbortSignal,
  deps: DeliveryRunDeps,
): Promise<void> {
  const { row, lease } = claimed;
  const logger = deps.logger.child({
    delivery_id: row.id,
    dispatch_type: row.dispatch_type,
    attempt: row.attempt,
  });
  if (!deps.dispatchers.isReady(row.dispatch_type)) {
    logger.warn({}, "The dispatcher went away after the claim, so the delivery goes back.");
    return storeEnd(row, givenBack(lease), null, { ...deps, logger });
  }
  const dispatcher = deps.dispatchers.get(row.dispatch_type);
  let hasProgressed = false;
  const partSent = async (part: SentPart): Promise<void> => {
    await storeSentPart(deps.store, lease, part);
    hasProgressed = true;
  };
  const options = { ...deps, dispatcher, logger, signal: stop, partSent };
  const isGivenBack = (one: DeliveryOutcome): boolean => stop.aborted && isRetryable(one);
  const attempt = (): Promise<AttemptEnd> => attemptDelivery(claimed, options);
  const { outcome, canReconcile } = await observeAttempt(deps, row, attempt, isGivenBack);
  deps.onAttempted?.(outcome);
  report(outcome, logger);
  if (isGivenBack(outcome)) return storeEnd(row, givenBack(lease), null, { ...deps, logger });
  const { attempt: count, max_attempts: maxAttempts, policy } = row;
  const facts = { attempt: count, maxAttempts, policy, hasProgressed, canReconcile };
  const verdict = verdictOf(outcome, facts, deps.random);
  const instead = endOf(lease, count, outcome, withoutDetails(verdict));
  await storeEnd(row, endOf(lease, count, outcome, verdict), instead, { ...deps, logger });
}

/** `instead` is stored if the database will never take the end as it is. Never rejects. */
export async function storeEnd(
  row: ClaimedDelivery["row"],
  end: DeliveryEnd,
  instead: DeliveryEnd | null,
  deps: Pick<DeliveryRunDeps, "settle" | "reporter" | "logger" | "clock" | "random" | "hopeless">,
): Promise<void> {
  const { logger } = deps;
  const store = (one: DeliveryEnd): Promise<boolean | null> => persist(() => deps.settle(one), deps);
  const written = await store(end)
    .catch((error: unknown) => {
      if (instead === null) throw error;
      logger.error(
        { err: error },
        "The database refused the attempt's details, so its outcome is stored without them.",
      );
      return store(instead);
    })
    .catch((error: unknown) => {
      logger.error({ err: error }, "The attempt's outcome could not be stored in any form.");
      return null;
    });
  if (written) deps.reporter.delivery(row, end.state);
  else logger.warn({ code: "LEASE_LOST" }, "The attempt's outcome was dropped: its lease is lost.");
}

function isRetryable(outcome: DeliveryOutcome): boolean {
  return outcome.status === "failed" && outcome.failure === "retryable";
}

function report(outcome: DeliveryOutcome, logger: Logger): void {
  if (outcome.status !== "failed") return logger.info({ status: outcome.status }, "Delivery attempt ended.");
  const { failure, code, message } = outcome;
  logger.warn({ status: "failed", failure, code }, `Delivery attempt failed: ${message}`);
}
