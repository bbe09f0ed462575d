import type { OutboxDelivery, SettledDelivery } from "../outbox/outbox-delivery.ts";
import { accountOf, arrivalsIn } from "./account.ts";
import type { GrowingScene } from "./growing-scene.ts";
import { growText, resultOf, within } from "./growing-scene.ts";
import { wholenessOf } from "./long-text.ts";
import type { ReceiverScene } from "./scene.ts";
import { shownMessages } from "./shown-messages.ts";

/** Opens a fresh scene whose dispatcher streams. */
export type OpenGrowing = () => Promise<GrowingScene>;

/**
 * Lets the result grow from its beginning to its end, or another text in its place.
 * @throws ContractViolation unless the stream ends then.
 */
export async function growWhole(
  scene: GrowingScene,
  row: OutboxDelivery,
  text: string = resultOf(scene),
): Promise<void> {
  const sink = row.stream();
  await growText(scene, sink, text, () => scene.receiver.faults.used() > 0);
  if (await hasEnded(scene, sink.finish())) return;
  throw scene.violation({
    expected: "`finish` resolves",
    seen: `it did not; ${await arrivalsIn(scene)}`,
    advice: "Let `finish` resolve soon, whatever the receiver answers: `deliver` does the rest.",
  });
}

/** Whether a stream's `finish` resolves soon. */
export async function hasEnded(scene: GrowingScene, finish: Promise<void>): Promise<boolean> {
  let end: "resolved" | "rejected" | null = null;
  finish.then(
    () => (end = "resolved"),
    () => (end = "rejected"),
  );
  await within(scene, () => end !== null);
  return end === "resolved";
}

/** Whether the receiver shows a message as one that somebody still writes. */
export async function isGrowing(scene: ReceiverScene): Promise<boolean> {
  return (await scene.receiver.received()).some((message) => message.isGrowing === true);
}

/** @throws ContractViolation unless people see what they would if nothing had grown; or it is held, and nothing twice. */
export async function demandResult(
  open: OpenGrowing,
  scene: GrowingScene,
  settled: SettledDelivery,
  advice: string,
): Promise<void> {
  const shown = await textsIn(scene);
  const { repeated } = wholenessOf(resultOf(scene), shown);
  if (settled.state === "held" && repeated.length === 0) return;
  const expected = await sentAtOnce(open);
  const isOpen = await isGrowing(scene);
  const isSame = shown.length === expected.length && shown.every((text, index) => text === expected[index]);
  if (settled.state === "delivered" && isSame && !isOpen) return;
  throw scene.violation({
    expected: `delivered, and shown as it is when it is sent at once, in ${expected.length} messages that nobody writes any more`,
    seen: `${isOpen ? "a message is still open; " : ""}${await accountOf(scene, settled)}`,
    advice,
  });
}

async function sentAtOnce(open: OpenGrowing): Promise<readonly string[]> {
  const scene = await open();
  await (await scene.writeResult(resultOf(scene))).settle();
  return textsIn(scene);
}

async function textsIn(scene: ReceiverScene): Promise<readonly string[]> {
  return (await shownMessages(scene)).map(({ text }) => text);
}
