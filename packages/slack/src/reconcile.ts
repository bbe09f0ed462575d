import type { Delivery, DeliveryContext, FailedDelivery, Reconciliation, SentPart } from "@core/registry";
import { deliveryText } from "./delivery-text.ts";
import { isCutOtherwise, messageParts } from "./message-parts.ts";
import { findPostedParts } from "./posted-parts.ts";
import type { SlackAccessOptions } from "./slack-access.ts";
import { openSlack } from "./slack-access.ts";
import type { SlackTarget } from "./slack-target.ts";

/**
 * Looks for a delivery's messages where it went, by the metadata that they carry. Rejects when a later look may tell
 * more; what nobody can tell is `unknown`.
 */
export async function reconcile(
  delivery: Delivery<SlackTarget>,
  context: DeliveryContext,
  options: SlackAccessOptions,
): Promise<Reconciliation> {
  const text = deliveryText(delivery);
  if (typeof text !== "string") return { status: "not_sent" };
  const total = messageParts(text, delivery.delegated_by).length;
  const access = await openSlack(delivery.target, context, options);
  if ("status" in access) return unknownUnlessPassing(access, delivery, context);
  try {
    const found = await findPostedParts(delivery, total, access.client);
    return found === null ? unknown("There are too many messages to read.") : reconciliation(found, total);
  } catch (error) {
    return unknownUnlessPassing(access.failureOf(error), delivery, context);
  }
}

function unknownUnlessPassing(
  { failure, code, message }: FailedDelivery,
  { id }: Delivery<SlackTarget>,
  { logger }: DeliveryContext,
): Reconciliation {
  // A token that is mended tells more later; a history that the app may not read is how it was installed.
  if (failure !== "permanent" && code !== "missing_scope") {
    throw new Error(`Slack could not be asked whether the delivery was posted. ${message}`);
  }
  logger.warn({ delivery_id: id, code }, `Slack will not tell whether the delivery was posted. ${message}`);
  return unknown(message);
}

function unknown(reason: string): Reconciliation {
  return { status: "unknown", reason };
}

/** A part without the one before it cannot be trusted: its delivery was posted by somebody else, or cut differently. */
function reconciliation(found: ReadonlyMap<number, SentPart>, total: number): Reconciliation {
  const moved = [...found.values()].find((part) => isCutOtherwise(part, total));
  if (moved)
    return unknown(`Its text was cut into ${moved.of} messages then, and would be into ${total} now.`);
  const parts: SentPart[] = [];
  for (let part = found.get(0); part !== undefined; part = found.get(parts.length)) parts.push(part);
  // What was shown while it grew need not say what it should.
  if (parts.some(({ shows }) => shows !== undefined)) return { status: "partly_sent", parts };
  if (parts.length === total) {
    return { status: "sent", externalIds: parts.flatMap(({ external_id: ts }) => ts ?? []) };
  }
  if (parts.length !== found.size || parts.length > total) {
    return unknown("Its messages are there with a gap between them.");
  }
  return parts.length === 0 ? { status: "not_sent" } : { status: "partly_sent", parts };
}
