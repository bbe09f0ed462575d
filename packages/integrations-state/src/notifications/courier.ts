import { fieldIssues } from "@core/registry";
import type { FieldIssue, JsonValue, StandardSchema } from "@core/registry";
import type { ChannelNotification } from "../channels/notification-channel.ts";
import type { DestinationResult } from "./notifications.ts";

/** Brings notifications of one channel to an address of it. */
export interface Courier {
  readonly channel: string;
  /** Names what is wrong with an address and what to do; null when nothing is. */
  addressIssue(address: string): string | null;
  attachmentIssues(attachments: readonly JsonValue[]): Promise<readonly FieldIssue[]>;
  /** Failures are values; nothing of the answer holds the address. */
  deliver(notification: ChannelNotification, address: string, limits: DeliveryLimits): Promise<CourierResult>;
}

export interface DeliveryLimits {
  /** Of one attempt. */
  readonly timeoutMs: number;
  /** Attempts after the first, for each part of a message. */
  readonly retries: number;
  readonly signal?: AbortSignal;
}

export type CourierResult = Omit<DestinationResult, "destination">;

/** Of all attempts and waits to reach one address. */
export const BUDGET_MS = 60_000;

/** What ends without an attempt, for want of a setting: no failure. */
export function notConfigured(code: string, message: string): CourierResult {
  return { ...unsent(code, message), status: "not_configured" };
}

/** What fails without an attempt. */
export function unsent(code: string, message: string): CourierResult {
  return { status: "failed", http_status: null, attempts: 0, error: { code, message }, notes: [] };
}

/** Names what is wrong with attachments, each by its place. */
export async function attachmentIssues(
  attachments: readonly JsonValue[],
  schema: StandardSchema | undefined,
): Promise<FieldIssue[]> {
  if (schema === undefined) return [];
  const results = attachments.map(async (attachment, index) => {
    const { issues = [] } = await schema["~standard"].validate(attachment);
    return fieldIssues(issues).map(({ field, message }) => ({
      field: ["attachments", index, ...(field === "" ? [] : [field])].join("."),
      message,
    }));
  });
  return (await Promise.all(results)).flat();
}
