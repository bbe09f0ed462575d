import type { AttemptRecord } from "../outbox/attempt.ts";
import { TEXT, demandFault, demandOnce, demandOnceOrHeld, ordinary } from "./arrival.ts";
import { arrivalsIn, attemptOf, settlementOf } from "./account.ts";
import type { ReceiverScene } from "./scene.ts";
import type { SceneCheck } from "./scene-check.ts";
import { receiverCheck } from "./scene-check.ts";
import { shownMessages, timesShown } from "./shown-messages.ts";

/** What arrives when nothing goes wrong, or nothing is to be sent any more. */
export const arrivalChecks: readonly SceneCheck[] = [
  receiverCheck("a delivery arrives exactly once", arrivesOnce),
  receiverCheck("two deliveries with the same text both arrive", bothArrive),
  receiverCheck("each delivery has an id of its own, if the receiver drops copies by it", carriesIds),
  receiverCheck("an attempt whose signal is already aborted sends nothing", sendsNothingWhenAborted),
];

async function arrivesOnce(scene: ReceiverScene): Promise<void> {
  const { target, otherTargets = [] } = scene.harness;
  for (const [index, one] of [target, ...otherTargets].entries()) {
    const text = `Report ${4711 + index} is ready`;
    const settled = await (await scene.write({ ...ordinary(text), target: one })).settle();
    await demandOnce(scene, settled, "Send each delivery once, and answer delivered() for it.", text);
  }
}

async function bothArrive(scene: ReceiverScene): Promise<void> {
  const settled = [
    await (await scene.write(ordinary())).settle(),
    await (await scene.write(ordinary())).settle(),
  ];
  const times = await timesShown(scene, TEXT);
  if (times === 2 && settled.every(({ state }) => state === "delivered")) return;
  throw scene.violation({
    expected: "both are delivered, and the receiver shows two messages",
    seen: `${settled.map(settlementOf).join("; ")}; ${await arrivalsIn(scene)}`,
    advice: "Tell deliveries apart by their `id`, never by their text.",
  });
}

async function carriesIds(scene: ReceiverScene): Promise<void> {
  if (scene.dispatcher.idempotent !== true) return;
  scene.receiver.faults.inject("drop_after");
  for (const text of ["Report 4711 is ready", "Report 4712 is ready"]) {
    await (await scene.write(ordinary(text))).settle();
  }
  await demandFault(scene);
  const [first, second] = [await idsOf(scene, "4711"), await idsOf(scene, "4712")];
  const isOne = first.size === 1 && second.size === 1;
  if (isOne && !first.has(undefined) && [...first].every((id) => !second.has(id))) return;
  throw scene.violation({
    expected: "every copy of a delivery has the same `deliveryId`, and another delivery has another one",
    seen: await arrivalsIn(scene),
    advice:
      "Send the delivery's `id` where the receiver drops copies by it and let `received()` show it, or do not state `idempotent`.",
  });
}

async function idsOf(scene: ReceiverScene, word: string): Promise<Set<string | undefined>> {
  const received = await scene.receiver.received();
  return new Set(received.filter(({ text }) => text.includes(word)).map(({ deliveryId }) => deliveryId));
}

async function sendsNothingWhenAborted(scene: ReceiverScene): Promise<void> {
  const row = await scene.write(ordinary());
  const first = await row.attempt({ signal: AbortSignal.abort(new Error("The server stops.")) });
  const isSilent = scene.receiver.faults.seen() === 0 && (await shownMessages(scene)).length === 0;
  if (!isSilent || claimsSuccess(first)) {
    throw scene.violation({
      expected: "nothing is sent, and the attempt throws or returns retryable() or ambiguous()",
      seen: `${attemptOf(first)}; ${await arrivalsIn(scene)}`,
      advice: "Hand `context.signal` to every request, or call `context.signal.throwIfAborted()` before it.",
    });
  }
  const advice = "Let a stopped attempt be one that is made again: not permanent() and not misconfigured().";
  await demandOnceOrHeld(scene, await row.settle(), advice);
}

function claimsSuccess({ outcome }: AttemptRecord): boolean {
  return outcome.status !== "failed";
}
