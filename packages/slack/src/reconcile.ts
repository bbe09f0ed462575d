import type { Delivery, DeliveryContext, FailedDelivery, Reconciliation, SentPart } from "@core/registry";
import type { SlackClient } from "./client.ts";
import { deliveryText } from "./delivery-text.ts";
import { findPostedParts } from "./posted-parts.ts";
import { repeatedCall } from "./repeated-call.ts";
import type { ReplyLayout, ReplyLayouts } from "./reply-layout.ts";
import { layoutOf, layoutsOf } from "./reply-layout.ts";
import type { SlackAccess } from "./slack-access.ts";
import { openSlack } from "./slack-access.ts";
import type { SlackMeans } from "./slack-means.ts";
import type { SlackTarget } from "./slack-target.ts";
import type { SharingNote } from "./upload-journal.ts";

/**
 * Looks for a delivery's messages where it went, by the metadata that they carry. Rejects when a later look may tell
 * more; what nobody can tell is `unknown`.
 */
export async function reconcile(
  delivery: Delivery<SlackTarget>,
  context: DeliveryContext,
  options: SlackMeans,
): Promise<Reconciliation> {
  const text = deliveryText(delivery);
  if (typeof text !== "string") return { status: "not_sent" };
  const layouts = layoutsOf(text, delivery, options);
  const access = await openSlack(delivery.target, context, options);
  if ("status" in access) return unknownUnlessPassing(access, delivery, context);
  try {
    const sharing = await options.journal.read(delivery.id);
    const found = await findPostedParts(delivery, layouts, patientClient(access, context), sharing);
    if (found === null) return unknown("There are too many messages to read.");
    assertShown(sharing, found, options);
    const answer = reconciliation(found, layouts);
    if (sharing !== null && answer.status === "sent") await options.journal.forget(delivery.id);
    return answer;
  } catch (error) {
    if (error instanceof AskedTooEarly) throw error;
    return unknownUnlessPassing(access.failureOf(error), delivery, context);
  }
}

/** A page that does not come is asked for again, so that the look need not begin anew. */
function patientClient(
  { client, failureOf }: SlackAccess,
  { signal }: Pick<DeliveryContext, "signal">,
): SlackClient {
  const readPage: SlackClient["readPage"] = (query) =>
    repeatedCall(() => client.readPage(query), { failureOf, signal });
  return { ...client, readPage };
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

/** Slack shows files a moment after it has taken them. */
const SHOWN_AFTER_MS = 10_000;

class AskedTooEarly extends Error {}

function assertShown(
  sharing: SharingNote | null,
  found: ReadonlyMap<number, SentPart>,
  { clock }: SlackMeans,
): void {
  if (sharing === null || sharing.parts.every(({ index }) => found.has(index))) return;
  if (clock.now() >= sharing.at + SHOWN_AFTER_MS) return;
  throw new AskedTooEarly("Slack could not be asked yet: the files may appear in the next moment.");
}

function unknown(reason: string): Reconciliation {
  return { status: "unknown", reason };
}

/** A part without the one before it cannot be trusted: its delivery was posted by somebody else, or cut differently. */
function reconciliation(found: ReadonlyMap<number, SentPart>, layouts: ReplyLayouts): Reconciliation {
  const sent = layoutOf([...found.values()], layouts);
  if (sent === null) return unknown(cutOtherwise([...found.values()], layouts.messages));
  const total = sent.layout.texts[sent.form].length + sent.layout.files.length;
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

function cutOtherwise(found: readonly SentPart[], { texts, files }: ReplyLayout): string {
  const now = [...new Set([texts.markdown.length, texts.mrkdwn.length])].map((cut) => cut + files.length);
  const then = [...new Set(found.flatMap(({ of }) => of ?? []))].join(" and ");
  return `Its text was cut into ${then} messages then, and would be into ${now.join(" or ")} now.`;
}
