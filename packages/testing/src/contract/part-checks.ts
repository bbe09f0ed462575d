import type { SentPart } from "@core/registry";
import type { OutboxDelivery, SettledDelivery } from "../outbox/outbox-delivery.ts";
import { accountOf, attemptOf } from "./account.ts";
import { demandFault, ordinary } from "./arrival.ts";
import { marksIn, wholenessOf } from "./long-text.ts";
import type { ReceiverScene, Scene } from "./scene.ts";
import { withReceiver } from "./scene.ts";
import type { SceneCheck } from "./scene-check.ts";
import { receiverCheck } from "./scene-check.ts";
import { shownMessages } from "./shown-messages.ts";

/** What becomes of a text that takes several messages. */
export const partChecks: readonly SceneCheck[] = [
  receiverCheck("a long text arrives whole and in order, in several messages", arrivesWhole),
  crashCheck("after a crash behind a stored part, no part is repeated or missing", { isStored: true }),
  crashCheck("after a crash before a sent part was stored, none is repeated or missing", { isStored: false }),
  receiverCheck("a part whose answer is lost is neither repeated nor missing", survivesLostPart),
  receiverCheck(
    "a part that the receiver refuses (503) is sent later, and no other again",
    survivesRefusedPart,
  ),
  receiverCheck("a part that cannot be stored ends the attempt", endsWhenNotStored),
];

async function arrivesWhole(scene: ReceiverScene): Promise<void> {
  const settled = await (await writeLong(scene)).settle();
  await demandWhole(
    scene,
    settled,
    "Send all of the text, in order, and call `partSent` after each message.",
  );
  const shown = await shownMessages(scene);
  const isFit = shown.length > 1 && shown.every(({ text }) => marksIn(longTextOf(scene), text) > 0);
  if (isFit && settled.state === "delivered") return;
  throw scene.violation({
    expected: "delivered, in several messages that can be told apart",
    seen: await accountOf(scene, settled),
    advice:
      "Give the subject a longer `longText`, made by numberedText(…), or leave it out if there are no parts.",
  });
}

/** Plays once for every part behind which the process can die. */
function crashCheck(name: string, { isStored }: { readonly isStored: boolean }): SceneCheck {
  const play = async (open: () => Promise<Scene>): Promise<void> => {
    for (let index = 0; index < MOST_CRASHES; index += 1) {
      const scene = withReceiver(await open());
      const row = await writeLong(scene);
      if (!(await dieAfter(row, { index, isStored }))) return demandParts(scene, row, index);
      row.takenOverBy((await scene.harness.restart?.()) ?? scene.dispatcher);
      await demandWhole(scene, await row.settle(), GO_ON_BEHIND);
    }
  };
  return { name, play };
}

const MOST_CRASHES = 8;

const GO_ON_BEHIND =
  "Go on behind the last of `delivery.sent_parts`, and let `reconcile` answer partly_sent with the parts that are there.";

/** Makes an attempt that dies when it reports this part; false when it reports none such. */
async function dieAfter(
  row: OutboxDelivery,
  { index, isStored }: { readonly index: number; readonly isStored: boolean },
): Promise<boolean> {
  const { promise: death, resolve: die } = Promise.withResolvers<void>();
  let isDead = false;
  const partSent = async (part: SentPart, keep: (part: SentPart) => void): Promise<void> => {
    const isLast = !isDead && part.index === index;
    if (!isDead && (!isLast || isStored)) keep(part);
    isDead ||= isLast;
    if (!isDead) return;
    die();
    await new Promise(() => {});
  };
  return (await row.attempt({ partSent, death })).ending === "died";
}

async function demandParts(scene: ReceiverScene, row: OutboxDelivery, reported: number): Promise<void> {
  if (reported > 0) return;
  throw scene.violation({
    expected: "`context.partSent` is called for each message of a long text, with its index counted from 0",
    seen: `it was not called for part ${reported}; ${await accountOf(scene, await row.settle())}`,
    advice: "Call and await `context.partSent({ index, external_id })` after each message.",
  });
}

async function survivesLostPart(scene: ReceiverScene): Promise<void> {
  scene.receiver.faults.inject("drop_after", { skip: 1 });
  const settled = await (await writeLong(scene)).settle();
  await demandFault(scene);
  await demandWhole(
    scene,
    settled,
    `Send nothing again in the same attempt: throw or answer ambiguous(). ${GO_ON_BEHIND}`,
  );
}

async function survivesRefusedPart(scene: ReceiverScene): Promise<void> {
  scene.receiver.faults.inject({ status: 503 }, { skip: 1 });
  const settled = await (await writeLong(scene)).settle();
  await demandFault(scene);
  await demandWhole(scene, settled, GO_ON_BEHIND);
}

async function endsWhenNotStored(scene: ReceiverScene): Promise<void> {
  const { faults } = scene.receiver;
  let sentBefore: number | null = null;
  const row = await writeLong(scene);
  const record = await row.attempt({
    partSent: () => {
      sentBefore ??= faults.seen();
      return rejection("The part could not be stored: the lease is lost.");
    },
  });
  if (sentBefore !== faults.seen() || record.outcome.status !== "failed") {
    throw scene.violation({
      expected: "nothing more is sent once `context.partSent` has rejected, and the attempt fails",
      seen: `${faults.seen() - (sentBefore ?? 0)} more requests; ${attemptOf(record)}`,
      advice: "Await `context.partSent` before the next part is sent, and let its rejection through.",
    });
  }
  await demandWhole(scene, await row.settle(), GO_ON_BEHIND);
}

/** A rejection that does not end the process when nobody waits for it. */
function rejection(message: string): Promise<never> {
  const rejected = Promise.reject(new Error(message));
  rejected.catch(() => {});
  return rejected;
}

/** @throws ContractViolation unless all of it is shown once and in order; if it is held, the end may be missing. */
async function demandWhole(scene: ReceiverScene, settled: SettledDelivery, advice: string): Promise<void> {
  const shown = await shownMessages(scene);
  const { missing, repeated, misplaced } = wholenessOf(
    longTextOf(scene),
    shown.map(({ text }) => text),
  );
  const isWhole = settled.state === "delivered" && missing.length === 0;
  if ((isWhole || settled.state === "held") && repeated.length === 0 && misplaced.length === 0) return;
  throw scene.violation({
    expected: "delivered whole and in order, or held with nothing repeated",
    seen: `words missing: ${missing.length}, repeated: ${repeated.length}, out of order: ${misplaced.length}; ${await accountOf(scene, settled)}`,
    advice,
  });
}

function writeLong(scene: Scene): Promise<OutboxDelivery> {
  return scene.write(ordinary(longTextOf(scene)));
}

function longTextOf({ subject }: Scene): string {
  return subject.longText ?? "";
}
