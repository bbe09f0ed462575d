import type {
  Delivery,
  DeliveryContext,
  DeliveryOutcome,
  Dispatcher,
  SentPart,
  StreamSink,
} from "@core/registry";
import type { ManualClock } from "../fakes/manual-clock.ts";
import type { RecordingLogger } from "../fakes/recording-logger.ts";
import type { AttemptLimits, AttemptRecord } from "./attempt.ts";
import { makeAttempt, unknownWhetherSent } from "./attempt.ts";

/** A delivery that has come to its end; `dead`, `held` and `parked` wait for a person. */
export interface SettledDelivery {
  readonly id: string;
  readonly state: "delivered" | "skipped" | "dead" | "held" | "parked";
  readonly attempts: readonly AttemptRecord[];
  /** Parts that the attempts have reported. */
  readonly sentParts: readonly SentPart[];
}

/** A row of the imitated outbox. */
export interface OutboxDelivery {
  readonly id: string;
  /** Shows the result while its task runs; the parts that are noted are those of the first attempt. */
  stream(how?: StreamConditions): StreamSink;
  attempt(how?: AttemptConditions): Promise<AttemptRecord>;
  /** Makes attempts until the delivery has come to its end. */
  settle(): Promise<SettledDelivery>;
  /** Another process takes the delivery over. */
  takenOverBy(dispatcher: Dispatcher): void;
}

interface StreamConditions {
  readonly signal?: AbortSignal;
  /** In the place of storing the part, which `keep` does. */
  readonly partSent?: (part: SentPart, keep: (part: SentPart) => void) => Promise<void>;
}

interface AttemptConditions extends StreamConditions {
  readonly death?: Promise<void>;
}

export interface OutboxOptions {
  readonly dispatcher: Dispatcher;
  readonly clock: ManualClock;
  readonly logger: RecordingLogger;
  readonly maxAttempts: number;
  readonly limits: AttemptLimits;
  /** What it throws ends the delivery. */
  readonly onAttempt?: (record: AttemptRecord) => void;
}

/** What was under way when an answer was lost may take a moment; time passes on the manual clock only. */
const BETWEEN_ATTEMPTS_MS = 2_000;

/** Keeps one delivery as the real outbox does: its id, its attempts, its parts, and whether an answer was lost. */
export function createOutboxDelivery(written: Delivery, options: OutboxOptions): OutboxDelivery {
  const { clock, logger, maxAttempts, limits } = options;
  const attempts: AttemptRecord[] = [];
  const sentParts: SentPart[] = [];
  let { dispatcher } = options;
  let standing: Standing = { state: "pending", uncertain: false };

  const contextOf = (how: StreamConditions): DeliveryContext => {
    const keep = (part: SentPart): void => void sentParts.push(part);
    const { signal = new AbortController().signal, partSent = async (part) => keep(part) } = how;
    return { signal, clock, logger, partSent: (part) => partSent(part, keep) };
  };

  const stream = (how: StreamConditions = {}): StreamSink => {
    const growing = { ...written, task_id: `task-of-${written.id}`, sent_parts: [...sentParts] };
    return dispatcher.stream?.(growing, contextOf(how)) ?? NOWHERE;
  };

  const attempt = async (how: AttemptConditions = {}): Promise<AttemptRecord> => {
    const number = attempts.length + 1;
    const record = await makeAttempt({
      dispatcher,
      limits,
      delivery: { ...written, attempt: number, sent_parts: [...sentParts] },
      uncertain: standing.uncertain,
      context: contextOf(how),
      death: how.death ?? new Promise(() => {}),
    });
    options.onAttempt?.(record);
    attempts.push(record);
    standing = standingAfter(record, dispatcher, number >= maxAttempts);
    clock.advance(Math.max(BETWEEN_ATTEMPTS_MS, retryAfterOf(record.outcome)));
    return record;
  };

  const settle = async (): Promise<SettledDelivery> => {
    while (standing.state === "pending") await attempt();
    return { id: written.id, state: standing.state, attempts, sentParts };
  };

  return { id: written.id, stream, attempt, settle, takenOverBy: (next) => void (dispatcher = next) };
}

/** Of a dispatcher that shows nothing before the end. */
const NOWHERE: StreamSink = { append: () => {}, finish: () => Promise.resolve() };

interface Standing {
  readonly state: SettledDelivery["state"] | "pending";
  /** Before it is sent again, somebody has to find out. */
  readonly uncertain: boolean;
}

function standingAfter({ outcome, ending }: AttemptRecord, dispatcher: Dispatcher, last: boolean): Standing {
  if (ending === "died") return { state: "pending", uncertain: true };
  if (outcome.status !== "failed") return { state: outcome.status, uncertain: false };
  switch (outcome.failure) {
    case "permanent":
      return { state: "dead", uncertain: false };
    case "misconfigured":
      return { state: "parked", uncertain: false };
    case "retryable":
      return { state: last ? "dead" : "pending", uncertain: false };
    case "ambiguous":
      if (dispatcher.idempotent) return { state: last ? "dead" : "pending", uncertain: false };
      if (outcome === unknownWhetherSent) return { state: "held", uncertain: true };
      return { state: dispatcher.reconcile && !last ? "pending" : "held", uncertain: true };
  }
}

function retryAfterOf(outcome: DeliveryOutcome): number {
  return outcome.status === "failed" ? (outcome.retryAfterMs ?? 0) : 0;
}
