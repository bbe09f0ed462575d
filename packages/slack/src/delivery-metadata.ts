const EVENT_TYPE = "agent_delivery";

/** Which part of which delivery a message in Slack is. */
export interface PostedPart {
  readonly index: number;
  /** The last part that it is; itself, unless it stands for several. */
  readonly last: number;
  /** How many there were in all. */
  readonly of: number;
  /** The message's timestamp, by which Slack names it. */
  readonly ts: string;
}

/** What a message carries, unseen by people, so that it can be found again; `last` when it is all parts up to that one. */
export function deliveryMetadata(
  deliveryId: string,
  part: number,
  parts: number,
  last: number = part,
): {
  event_type: string;
  event_payload: { delivery_id: string; part: number; parts: number; last_part?: number };
} {
  const several = last > part ? { last_part: last } : {};
  return { event_type: EVENT_TYPE, event_payload: { delivery_id: deliveryId, part, parts, ...several } };
}

/** Reads a message of Slack's; null when it is no part of this delivery. */
export function postedPart(message: unknown, deliveryId: string): PostedPart | null {
  const { ts, metadata } = fieldsOf(message);
  const { event_type: eventType, event_payload: payload } = fieldsOf(metadata);
  const { delivery_id: id, part, parts, last_part: lastPart = part } = fieldsOf(payload);
  if (typeof ts !== "string" || eventType !== EVENT_TYPE || id !== deliveryId) return null;
  const [index, last, of] = [Number(part), Number(lastPart), Number(parts)];
  const isWhole = [index, last, of].every(Number.isInteger);
  return isWhole && index >= 0 && index <= last && last < of ? { index, last, of, ts } : null;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
