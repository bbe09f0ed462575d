import type { DeliveryOutcome } from "@core/registry";
import type { AttemptRecord } from "../outbox/attempt.ts";
import type { SettledDelivery } from "../outbox/outbox-delivery.ts";
import type { ReceivedMessage } from "./dispatcher-subject.ts";
import type { ReceiverScene } from "./scene.ts";

/** Tells how a delivery went and what the receiver got, for the message of a violation. */
export async function accountOf(scene: ReceiverScene, settled: SettledDelivery): Promise<string> {
  return `${settlementOf(settled)}; ${await arrivalsIn(scene)}`;
}

/** Tells how each attempt of a delivery ended. */
export function settlementOf({ state, attempts }: SettledDelivery): string {
  const shown = attempts.slice(0, SHOWN).map((record, index) => `${index + 1}. ${attemptOf(record)}`);
  const more = attempts.length > SHOWN ? "; …" : "";
  return `${state} after ${counted(attempts.length, "attempt")} (${shown.join("; ")}${more})`;
}

/** Tells how one attempt ended. */
export function attemptOf({ ending, outcome }: AttemptRecord): string {
  return `${ending === "returned" ? "" : `${ending}: `}${outcomeOf(outcome)}`;
}

/** Tells what the receiver got. */
export async function arrivalsIn(scene: ReceiverScene): Promise<string> {
  const received = await scene.receiver.received();
  const lines = received.slice(0, SHOWN).map(messageLine);
  const more = received.length > SHOWN ? ", …" : "";
  const texts = received.length === 0 ? "" : `: ${lines.join(", ")}${more}`;
  return `the receiver got ${counted(received.length, "message")}${texts}`;
}

const SHOWN = 8;

function outcomeOf(outcome: DeliveryOutcome): string {
  if (outcome.status === "delivered") return "delivered";
  if (outcome.status === "skipped") return `skipped, "${shortened(outcome.reason)}"`;
  const { failure, code, message, retryAfterMs } = outcome;
  const wait = retryAfterMs === undefined ? "" : `, retryAfterMs ${retryAfterMs}`;
  return `${failure}, ${code}${wait}, "${shortened(message)}"`;
}

function messageLine({ text, deliveryId }: ReceivedMessage): string {
  return `"${shortened(text)}"${deliveryId === undefined ? "" : ` (id ${deliveryId})`}`;
}

function shortened(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
