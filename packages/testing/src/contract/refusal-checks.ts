import type { FailedDelivery } from "@core/registry";
import type { Fault } from "../faults/fault-plan.ts";
import type { AttemptRecord } from "../outbox/attempt.ts";
import type { OutboxDelivery } from "../outbox/outbox-delivery.ts";
import { arrivalsIn, attemptOf } from "./account.ts";
import { demandFault, demandOnce, demandOnceOrHeld, ordinary } from "./arrival.ts";
import type { ReceiverScene } from "./scene.ts";
import type { SceneCheck } from "./scene-check.ts";
import { receiverCheck } from "./scene-check.ts";

/** What becomes of a delivery that the receiver does not take now. */
export const refusalChecks: readonly SceneCheck[] = [
  receiverCheck("told when to come again (429), it does not come earlier, and arrives once", heedsRetryAfter),
  receiverCheck("told to come again later (429), it is tried again, and arrives once", triesAgain),
  receiverCheck(
    "when the receiver fails (503), one request is made, and it never arrives twice",
    survives5xx,
  ),
];

const RETRY_AFTER_SECONDS = 3;

async function heedsRetryAfter(scene: ReceiverScene): Promise<void> {
  const fault = { status: 429, retryAfterSeconds: RETRY_AFTER_SECONDS };
  const { row, failure } = await refused(scene, fault, ["retryable"]);
  const { retryAfterMs = 0 } = failure;
  if (retryAfterMs < RETRY_AFTER_SECONDS * 1_000) {
    throw scene.violation({
      expected: `retryable() with a retryAfterMs of ${RETRY_AFTER_SECONDS * 1_000} or more`,
      seen: `a retryAfterMs of ${failure.retryAfterMs ?? "nothing"}`,
      advice: "Read the `Retry-After` header, which counts seconds, into `retryAfterMs`.",
    });
  }
  await demandOnce(scene, await row.settle(), SEND_AGAIN);
}

async function triesAgain(scene: ReceiverScene): Promise<void> {
  const { row } = await refused(scene, { status: 429 }, ["retryable"]);
  await demandOnce(scene, await row.settle(), SEND_AGAIN);
}

async function survives5xx(scene: ReceiverScene): Promise<void> {
  const { row } = await refused(scene, { status: 503 }, ["retryable", "ambiguous"]);
  await demandOnceOrHeld(scene, await row.settle(), SEND_AGAIN);
}

const SEND_AGAIN = "Let the next attempt send what the receiver has refused.";

/** Makes one attempt that the receiver refuses, and demands a single request and one of these failures. */
async function refused(
  scene: ReceiverScene,
  fault: Fault & object,
  allowed: readonly FailedDelivery["failure"][],
): Promise<{ readonly row: OutboxDelivery; readonly failure: FailedDelivery }> {
  scene.receiver.faults.inject(fault);
  const row = await scene.write(ordinary());
  const record = await row.attempt();
  await demandFault(scene);
  const { outcome } = record;
  const requests = scene.receiver.faults.seen();
  if (outcome.status === "failed" && allowed.includes(outcome.failure) && requests === 1) {
    return { row, failure: outcome };
  }
  throw scene.violation({
    expected: `one request, and ${allowed.map((name) => `${name}()`).join(" or ")}`,
    seen: await refusalSeen(scene, record),
    advice: `Answer a ${fault.status} with ${allowed[0]}(), and switch off the retries of your HTTP client or SDK: the outbox makes them.`,
  });
}

async function refusalSeen(scene: ReceiverScene, record: AttemptRecord): Promise<string> {
  return `requests: ${scene.receiver.faults.seen()}; ${attemptOf(record)}; ${await arrivalsIn(scene)}`;
}
