import type { ReceivedMessage } from "./dispatcher-subject.ts";
import type { ReceiverScene } from "./scene.ts";

/** What people see: what came in, without the copies that an idempotent receiver drops. */
export async function shownMessages(scene: ReceiverScene): Promise<readonly ReceivedMessage[]> {
  const received = await scene.receiver.received();
  if (scene.dispatcher.idempotent !== true) return received;
  const known = new Set<string>();
  return received.filter(({ deliveryId, text }) => {
    if (deliveryId === undefined) return true;
    const key = JSON.stringify([deliveryId, text]);
    const isNew = !known.has(key);
    known.add(key);
    return isNew;
  });
}

/** How many of the shown messages have this text in them. */
export async function timesShown(scene: ReceiverScene, text: string): Promise<number> {
  return (await shownMessages(scene)).filter((message) => message.text.includes(text)).length;
}
