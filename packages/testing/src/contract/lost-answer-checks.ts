import { accountOf, settlementOf } from "./account.ts";
import { TEXT, demandFault, demandOnce, demandOnceOrHeld, ordinary } from "./arrival.ts";
import type { ReceiverScene } from "./scene.ts";
import type { SceneCheck } from "./scene-check.ts";
import { receiverCheck } from "./scene-check.ts";
import { timesShown } from "./shown-messages.ts";

/** What becomes of a delivery when nobody knows whether it has arrived. */
export const lostAnswerChecks: readonly SceneCheck[] = [
  receiverCheck("dropped before the receiver had it, it arrives once or is held", arrivesAfterDropBefore),
  receiverCheck("dropped after the receiver had it, it never arrives twice", neverTwiceAfterDropAfter),
  receiverCheck("a lost delivery is not mistaken for another one with the same text", isNotMistaken),
  receiverCheck("waiting for an answer, an attempt ends when it is aborted", endsWhenAborted),
];

async function arrivesAfterDropBefore(scene: ReceiverScene): Promise<void> {
  scene.receiver.faults.inject("drop_before");
  const settled = await (await scene.write(ordinary())).settle();
  await demandFault(scene);
  await demandOnceOrHeld(
    scene,
    settled,
    "Answer a lost connection with ambiguous() or throw, never with delivered(), and let `reconcile` find out whether it arrived.",
  );
}

async function neverTwiceAfterDropAfter(scene: ReceiverScene): Promise<void> {
  scene.receiver.faults.inject("drop_after");
  const settled = await (await scene.write(ordinary())).settle();
  await demandFault(scene);
  await demandOnceOrHeld(scene, settled, NEVER_BLINDLY);
}

const NEVER_BLINDLY =
  "Make one attempt in each `deliver`: switch off the retries of your HTTP client or SDK, answer a lost answer with ambiguous(), and let `reconcile` look for the delivery's id. `idempotent` is only for receivers that drop copies by that id.";

async function isNotMistaken(scene: ReceiverScene): Promise<void> {
  // Written first, so that the other one's message is within the time in which reconcile looks.
  const lost = await scene.write(ordinary());
  const other = await (await scene.write(ordinary())).settle();
  await demandOnce(scene, other, "Send each delivery once, and answer delivered() for it.");
  scene.receiver.faults.inject("drop_before");
  const settled = await lost.settle();
  await demandFault(scene);
  const times = await timesShown(scene, TEXT);
  if (settled.state === "held" ? times === 1 : settled.state === "delivered" && times === 2) return;
  throw scene.violation({
    expected: "the lost one arrives beside the other, or is held",
    seen: `the other: ${settlementOf(other)}; the lost one: ${await accountOf(scene, settled)}`,
    advice:
      "Let `reconcile` look for the delivery's `id`, which `deliver` has to leave in the message, and answer unknown where the receiver cannot keep one.",
  });
}

async function endsWhenAborted(scene: ReceiverScene): Promise<void> {
  const stop = new AbortController();
  const fault = scene.receiver.faults.inject("slow");
  const row = await scene.write(ordinary());
  const first = row.attempt({ signal: stop.signal });
  await Promise.race([fault.struck, first]);
  await demandFault(scene);
  stop.abort(new Error("The server stops."));
  await first;
  await demandOnceOrHeld(scene, await row.settle(), NEVER_BLINDLY);
}
