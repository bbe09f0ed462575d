import type { Delivery, DeliveryContext, DeliveryOutcome, Dispatcher, SentPart } from "@core/registry";
import { ambiguous, delivered } from "@core/registry";

/** What is known of an attempt whose answer was lost: how it ended, or else which parts are there already. */
export type LostAnswer =
  | { readonly outcome: DeliveryOutcome }
  | { readonly outcome: null; readonly sentParts: readonly SentPart[] };

/** Asks the receiver what became of an attempt, and keeps the parts that it has; throws what the dispatcher throws. */
export async function reconcileLostAnswer(
  dispatcher: Dispatcher,
  delivery: Delivery,
  context: DeliveryContext,
): Promise<LostAnswer> {
  const answer = (await dispatcher.reconcile?.(delivery, context)) ?? { status: "unknown" };
  switch (answer.status) {
    case "sent":
      return { outcome: delivered({ externalIds: answer.externalIds }) };
    case "not_sent":
      return { outcome: null, sentParts: delivery.sent_parts };
    case "partly_sent":
      return { outcome: null, sentParts: await keepParts(answer.parts, delivery, context) };
    default:
      return { outcome: unknownWhetherSent(answer.reason) };
  }
}

async function keepParts(
  parts: readonly SentPart[],
  { sent_parts: known }: Delivery,
  { partSent }: DeliveryContext,
): Promise<readonly SentPart[]> {
  const found = parts.filter(({ index }) => known.every((part) => part.index !== index));
  for (const part of found) await partSent(part);
  return [...known, ...found];
}

function unknownWhetherSent(reason: string | undefined): DeliveryOutcome {
  const message = "An earlier attempt's answer was lost, and the receiver cannot tell whether it arrived.";
  return ambiguous({
    code: "unknown_whether_sent",
    message: reason === undefined ? message : `${message} ${reason}`,
  });
}
