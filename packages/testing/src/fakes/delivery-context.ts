import type { DeliveryContext, SentPart } from "@core/registry";
import type { ManualClock } from "./manual-clock.ts";
import { createManualClock } from "./manual-clock.ts";
import type { RecordingLogger } from "./recording-logger.ts";
import { createRecordingLogger } from "./recording-logger.ts";

/** The context of one attempt, whose parts can be looked into. */
export interface FakeDeliveryContext extends DeliveryContext {
  readonly clock: ManualClock;
  readonly logger: RecordingLogger;
  /** What the attempt gave to `partSent`. */
  readonly parts: readonly SentPart[];
}

/** What `deliver` receives beside the delivery. */
export function createDeliveryContext(
  options: Partial<Pick<FakeDeliveryContext, "signal" | "clock" | "logger">> = {},
): FakeDeliveryContext {
  const parts: SentPart[] = [];
  const {
    signal = new AbortController().signal,
    clock = createManualClock(),
    logger = createRecordingLogger(),
  } = options;
  return { signal, clock, logger, parts, partSent: async (part) => void parts.push(part) };
}
