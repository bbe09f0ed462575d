import type { DeliveryKind } from "@core/registry";
import { payloadOf } from "../fakes/delivery-factory.ts";
import type { SettledDelivery } from "../outbox/outbox-delivery.ts";
import { settlementOf } from "./account.ts";
import type { Content } from "./scene.ts";
import type { SceneCheck } from "./scene-check.ts";
import { sceneCheck } from "./scene-check.ts";

const KINDS: readonly DeliveryKind[] = [
  "task_result",
  "task_error",
  "message",
  "mirror",
  "child_result",
  "webhook_event",
];

/** Every kind of delivery ends with a value, also those that the dispatcher has no form for. */
export const kindChecks: readonly SceneCheck[] = [
  ...KINDS.map((kind) => kindCheck(`a ${kind}`, { kind, payload: payloadOf(kind, "Report ready") })),
  kindCheck("a result without text", { kind: "task_result", payload: payloadOf("task_result", "") }),
  kindCheck("a kind that it does not know", { kind: "kind_of_the_future", payload: {} }),
];

function kindCheck(what: string, content: Content): SceneCheck {
  return sceneCheck(`${what} ends delivered, skipped or dead, without a throw`, async (scene) => {
    const settled = await (await scene.write(content)).settle();
    if (isValue(settled)) return;
    throw scene.violation({
      expected: "the first attempt returns delivered(), skipped() or permanent()",
      seen: settlementOf(settled),
      advice:
        "Let `deliver` have an answer to every kind; permanent() or skipped() for one that has no form.",
    });
  });
}

function isValue({ attempts: [first, ...more] }: SettledDelivery): boolean {
  if (first === undefined || first.ending !== "returned" || more.length > 0) return false;
  return first.outcome.status !== "failed" || first.outcome.failure === "permanent";
}
