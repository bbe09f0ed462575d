import type { Clock, DeliveryOutcome } from "@core/registry";
import type { AttemptEnd } from "../delivery/delivery-attempt.ts";
import type { ClaimedDelivery } from "../delivery/delivery-claim.ts";
import type { DeliveryEnd, Telemetry } from "./telemetry.ts";

export interface AttemptObserver {
  readonly telemetry?: Telemetry | null;
  readonly clock: Clock;
}

/** Makes an attempt at a delivery under the eyes of telemetry, if there is any. */
export async function observeAttempt(
  { telemetry = null, clock }: AttemptObserver,
  row: ClaimedDelivery["row"],
  attempt: () => Promise<AttemptEnd>,
  isGivenBack: (outcome: DeliveryOutcome) => boolean,
): Promise<AttemptEnd> {
  if (telemetry === null) return attempt();
  const startedAt = clock.now();
  const { within, end } = telemetry.deliver({
    deliveryId: row.id,
    dispatchType: row.dispatch_type,
    kind: row.kind,
    taskId: row.task_id,
    attempt: row.attempt,
    traceContext: row.trace_context,
  });
  const made = await within(attempt);
  const how = isGivenBack(made.outcome) ? givenBack : endOf(made.outcome);
  end({ ...how, tookMs: clock.now() - startedAt });
  return made;
}

type Ending = Pick<DeliveryEnd, "outcome" | "errorType">;

const givenBack: Ending = { outcome: "returned", errorType: null };

function endOf(outcome: DeliveryOutcome): Ending {
  if (outcome.status !== "failed") return { outcome: outcome.status, errorType: null };
  return { outcome: outcome.failure, errorType: outcome.code };
}
