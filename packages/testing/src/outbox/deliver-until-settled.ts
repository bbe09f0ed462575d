import type { Delivery, Dispatcher } from "@core/registry";
import { parseTarget } from "@core/registry";
import type { ManualClock } from "../fakes/manual-clock.ts";
import { createManualClock } from "../fakes/manual-clock.ts";
import type { RecordingLogger } from "../fakes/recording-logger.ts";
import { createRecordingLogger } from "../fakes/recording-logger.ts";
import type { SettledDelivery } from "./outbox-delivery.ts";
import { createOutboxDelivery } from "./outbox-delivery.ts";

export interface DeliverOptions {
  readonly clock?: ManualClock;
  readonly logger?: RecordingLogger;
  /** Default 12. */
  readonly maxAttempts?: number;
  /** When the signal of an attempt is aborted, in real time. Default 10,000. */
  readonly timeoutMs?: number;
  /** How long after that the attempt is given up. Default 10,000. */
  readonly graceMs?: number;
}

/**
 * Delivers as the outbox of a server does, without a database and without waiting: reads the target as a caller
 * writes it, then makes attempts until the delivery has come to its end.
 * @throws Error when the target is refused.
 */
export async function deliverUntilSettled(
  dispatcher: Dispatcher,
  delivery: Delivery,
  options: DeliverOptions = {},
): Promise<SettledDelivery> {
  const { clock = createManualClock(), logger = createRecordingLogger(), maxAttempts = 12 } = options;
  const { timeoutMs: attemptMs = 10_000, graceMs = 10_000 } = options;
  const parsed = await parseTarget(dispatcher, delivery.target);
  if (!parsed.ok) throw new Error(refusal(parsed.issues));
  const limits = { attemptMs, graceMs };
  const written = { ...delivery, target: parsed.target };
  return createOutboxDelivery(written, { dispatcher, clock, logger, maxAttempts, limits }).settle();
}

function refusal(issues: readonly { readonly field: string; readonly message: string }[]): string {
  const reasons = issues.map(({ field, message }) => `${field}: ${message}`);
  return `The target was refused. ${reasons.join(" ")}`;
}
