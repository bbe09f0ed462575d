import { randomUUID } from "node:crypto";
import type { Delivery, Dispatcher, FieldIssue } from "@core/registry";
import { parseTarget } from "@core/registry";
import type { ManualClock } from "../fakes/manual-clock.ts";
import { createManualClock } from "../fakes/manual-clock.ts";
import type { RecordingLogger } from "../fakes/recording-logger.ts";
import { createRecordingLogger } from "../fakes/recording-logger.ts";
import type { AttemptRecord } from "../outbox/attempt.ts";
import type { OutboxDelivery } from "../outbox/outbox-delivery.ts";
import { createOutboxDelivery } from "../outbox/outbox-delivery.ts";
import { attemptOf } from "./account.ts";
import type { Finding } from "./contract-check.ts";
import { ContractViolation } from "./contract-check.ts";
import type { DispatcherHarness, DispatcherSubject, Receiver } from "./dispatcher-subject.ts";

/** Where one check is played: a fresh harness, and an outbox that delivers through it. */
export interface Scene {
  readonly subject: DispatcherSubject;
  readonly harness: DispatcherHarness;
  readonly dispatcher: Dispatcher;
  readonly clock: ManualClock;
  readonly logger: RecordingLogger;
  /** Keeps a delivery in the outbox, without sending it. */
  write(content: Content): Promise<OutboxDelivery>;
  /** To be thrown. */
  violation(finding: Finding): ContractViolation;
}

export interface ReceiverScene extends Scene {
  readonly receiver: Receiver;
}

export interface Content {
  readonly kind: string;
  readonly payload: unknown;
  /** Default: the harness's own. */
  readonly target?: unknown;
}

/** Opens a harness for the check of this name. */
export async function openScene(subject: DispatcherSubject, check: string): Promise<Scene> {
  // The machine's time to begin with, because fake services stamp their messages with it.
  const tools = { clock: createManualClock(Date.now()), logger: createRecordingLogger() };
  const harness = await subject.open(tools);
  const { dispatcher } = harness;
  const violation = (finding: Finding): ContractViolation => new ContractViolation(check, finding);
  const write = async (content: Content): Promise<OutboxDelivery> => {
    const parsed = await parseTarget(dispatcher, content.target ?? harness.target);
    if (!parsed.ok) throw violation(targetRefused(parsed.issues));
    const limits = { attemptMs: 10_000, graceMs: subject.graceMs ?? 10_000 };
    const written = writtenDelivery(content, parsed.target, harness, tools.clock);
    const onAttempt = (record: AttemptRecord): void => {
      if (record.ending === "hung") throw violation(neverCameBack(record));
    };
    return createOutboxDelivery(written, { dispatcher, ...tools, maxAttempts: 12, limits, onAttempt });
  };
  return { subject, harness, dispatcher, ...tools, write, violation };
}

/** The same scene for a check that has to see what arrives. */
export function withReceiver(scene: Scene): ReceiverScene {
  const { receiver } = scene.harness;
  if (receiver !== undefined) return { ...scene, receiver };
  throw scene.violation({
    expected: "a receiver that shows what arrives",
    seen: "a harness without one",
    advice: "Give the harness a receiver; if the dispatcher sends nothing to anybody, state `sends: false`.",
  });
}

/** What to say when a target that the harness calls valid is not taken. */
export function targetRefused(issues: readonly FieldIssue[]): Finding {
  return {
    expected: "the harness's target is accepted",
    seen: `it is refused (${issues.map(({ field, message }) => `"${field}": ${message}`).join(" ")})`,
    advice: "Give the harness a valid target, or mend the dispatcher's target schema.",
  };
}

function neverCameBack(record: AttemptRecord): Finding {
  return {
    expected: "an attempt ends soon after its signal is aborted",
    seen: attemptOf(record),
    advice:
      "Hand `context.signal` to every request and every wait. The contract's clock stands still during an attempt.",
  };
}

function writtenDelivery(
  { kind, payload }: Content,
  target: unknown,
  { origin }: DispatcherHarness,
  clock: ManualClock,
): Delivery {
  return {
    id: randomUUID(),
    dispatch_type: "contract",
    target,
    created_at: new Date(clock.now()).toISOString(),
    attempt: 1,
    bot: null,
    origin: origin ?? null,
    sent_parts: [],
    kind,
    payload,
  } as Delivery;
}
