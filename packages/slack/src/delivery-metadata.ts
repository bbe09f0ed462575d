const EVENT_TYPE = "agent_delivery";

/** Which part of which delivery a message in Slack is. */
export interface PostedPart {
  readonly index: number;
  /** How many there were in all. */
  readonly of: number;
  /** The message's timestamp, by which Slack names it. */
  readonly ts: string;
}

/** What a message carries, unseen by people, so that it can be found again. */
export function deliveryMetadata(
  deliveryId: string,
  part: number,
  parts: number,
): { event_type: string; event_payload: { delivery_id: string; part: number; parts: number } } {
  return { event_type: EVENT_TYPE, event_payload: { delivery_id: deliveryId, part, parts } };
}

/** Reads a message of Slack's; null when it is no part of this delivery. */
export function postedPart(message: unknown, deliveryId: string): PostedPart | null {
  const { ts, metadata } = fieldsOf(message);
  const { event_type: eventType, event_payload: payload } = fieldsOf(metadata);
  const { delivery_id: id, part, parts } = fieldsOf(payload);
  if (typeof ts !== "string" || eventType !== EVENT_TYPE || id !== deliveryId) return null;
  const [index, of] = [Number(part), Number(parts)];
  return Number.isInteger(index) && Number.isInteger(of) && index >= 0 && index < of
    ? { index, of, ts }
    : null;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
