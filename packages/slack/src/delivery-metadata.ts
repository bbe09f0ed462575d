import type { SentPart } from "@core/registry";

const EVENT_TYPE = "agent_delivery";

/** Which part of a delivery a message is. */
export interface PartMark {
  readonly index: number;
  /** The last part that it is; itself, unless it stands for several. */
  readonly last?: number | undefined;
  /** How many there are in all; missing while the text still grows. */
  readonly of?: number | undefined;
}

/** What a message carries, unseen by people, so that it can be found again. */
export type DeliveryMetadata = {
  readonly event_type: string;
  readonly event_payload: {
    readonly delivery_id: string;
    readonly part: number;
    readonly parts?: number;
    readonly last_part?: number;
  };
};

export function deliveryMetadata(
  deliveryId: string,
  { index, last = index, of }: PartMark,
): DeliveryMetadata {
  const total = of === undefined ? {} : { parts: of };
  const several = last > index ? { last_part: last } : {};
  return {
    event_type: EVENT_TYPE,
    event_payload: { delivery_id: deliveryId, part: index, ...total, ...several },
  };
}

/** The parts of a delivery that a message of Slack's is; none when it is not its. */
export function postedParts(message: unknown, deliveryId: string): SentPart[] {
  const { ts, metadata } = fieldsOf(message);
  const { event_type: eventType, event_payload: payload } = fieldsOf(metadata);
  const { delivery_id: id, part, parts, last_part: lastPart = part } = fieldsOf(payload);
  if (typeof ts !== "string" || eventType !== EVENT_TYPE || id !== deliveryId) return [];
  const [index, last] = [Number(part), Number(lastPart)];
  const of = parts === undefined ? Infinity : Number(parts);
  if (![index, last].every(Number.isInteger) || index < 0 || index > last || !(last < of)) return [];
  const fields = parts === undefined ? { external_id: ts, shows: "" } : { external_id: ts, of };
  return Array.from({ length: last - index + 1 }, (_, at) => ({ index: index + at, ...fields }));
}

/** Whether a message is a part of any delivery. */
export function isOfDelivery(message: unknown): boolean {
  return fieldsOf(fieldsOf(message)["metadata"])["event_type"] === EVENT_TYPE;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
