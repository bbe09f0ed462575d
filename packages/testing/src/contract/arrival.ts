import { payloadOf } from "../fakes/delivery-factory.ts";
import type { SettledDelivery } from "../outbox/outbox-delivery.ts";
import { accountOf, arrivalsIn } from "./account.ts";
import type { Content, ReceiverScene } from "./scene.ts";
import { timesShown } from "./shown-messages.ts";

/** Letters, digits and spaces alone, which every markup leaves as they are. */
export const TEXT = "Report 4711 is ready";

/** What an ordinary delivery carries. */
export function ordinary(text: string = TEXT): Content {
  return { kind: "task_result", payload: payloadOf("task_result", text) };
}

/** @throws ContractViolation unless it was delivered and is shown exactly once. */
export async function demandOnce(
  scene: ReceiverScene,
  settled: SettledDelivery,
  advice: string,
  text: string = TEXT,
): Promise<void> {
  if (settled.state === "delivered" && (await timesShown(scene, text)) === 1) return;
  throw scene.violation({
    expected: `delivered, and the receiver shows exactly one message with "${text}"`,
    seen: await accountOf(scene, settled),
    advice,
  });
}

/** @throws ContractViolation unless it is shown exactly once, or is held for a person and not shown twice. */
export async function demandOnceOrHeld(
  scene: ReceiverScene,
  settled: SettledDelivery,
  advice: string,
): Promise<void> {
  const times = await timesShown(scene, TEXT);
  if (settled.state === "held" ? times <= 1 : settled.state === "delivered" && times === 1) return;
  throw scene.violation({
    expected: "delivered and shown exactly once, or held and shown at most once",
    seen: await accountOf(scene, settled),
    advice,
  });
}

/** @throws ContractViolation unless a request has met the injected fault. */
export async function demandFault(scene: ReceiverScene): Promise<void> {
  const { faults } = scene.receiver;
  if (faults.used() > 0) return;
  throw scene.violation({
    expected: "a request that meets the injected fault",
    seen: `${faults.seen()} requests that match, and none met it; ${await arrivalsIn(scene)}`,
    advice:
      "Lead the dispatcher's requests through the fault proxy, and let its `match` take those that post a message.",
  });
}
