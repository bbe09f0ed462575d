import { fieldIssues } from "@core/registry";
import type { FieldIssue, JsonValue } from "@core/registry";
import { z } from "zod";
import { invalidInput } from "../errors.ts";
import { NOTIFICATION_PRIORITIES } from "../state/integration-state.ts";
import type { NotificationPriority } from "../state/integration-state.ts";
import { NAME_PATTERN } from "./couriers.ts";
import type { Couriers } from "./couriers.ts";

/** A notification with nothing left open. */
export interface NotificationRequest {
  readonly channel: string;
  readonly message: string;
  readonly priority: NotificationPriority;
  readonly destination?: string | undefined;
  readonly webhook_url?: string | undefined;
  readonly attachments: readonly JsonValue[];
  readonly fallback_destinations: readonly string[];
  readonly dedupe_key?: string | undefined;
  readonly timeout_ms: number;
  readonly retry_count: number;
}

/**
 * Reads what a caller wants sent.
 * @throws INTEGRATIONS_INPUT_INVALID naming every wrong field, and never an address
 */
export async function readNotification(input: unknown, couriers: Couriers): Promise<NotificationRequest> {
  const result = requestSchema.safeParse(input);
  const issues = [
    ...fieldIssues(result.error?.issues ?? []),
    ...(await channelIssues(givenSchema.parse(input), couriers)),
  ];
  if (result.success && issues.length === 0) return result.data;
  throw invalidInput("The notification was not sent.", issues);
}

const MOST_CHARACTERS = 100_000;
const MOST_ATTACHMENTS = 100;
const MOST_FALLBACKS = 5;
const TIMEOUT_RANGE = { least: 1_000, most: 60_000, default: 10_000 };
const RETRY_RANGE = { least: 0, most: 5, default: 2 };

const name = z.string("Write the name of a destination.").regex(NAME_PATTERN, {
  error: "Write the name of a destination: small letters, digits, - and _.",
});

/** A copy as JSON writes it: without what is undefined, and in well-formed Unicode. */
const jsonValue = z.unknown().transform((value, context): JsonValue => {
  try {
    const json: string | undefined = JSON.stringify(value);
    if (json !== undefined)
      return JSON.parse(json, (_, one) => (typeof one === "string" ? one.toWellFormed() : one));
  } catch {
    // A circle, a BigInt, or deeper than can be written.
  }
  context.addIssue("Write a JSON value.");
  return null;
});

const requestSchema: z.ZodType<NotificationRequest> = z
  .strictObject(
    {
      channel: z.string("Write the name of a channel."),
      message: z
        .string("Write what to say.")
        .max(MOST_CHARACTERS, `Write at most ${MOST_CHARACTERS} characters.`)
        .refine((text) => text.trim() !== "", "Write what to say.")
        .transform((text) => text.toWellFormed()),
      priority: z
        .enum(NOTIFICATION_PRIORITIES, `Use one of ${NOTIFICATION_PRIORITIES.join(", ")}.`)
        .default("normal"),
      destination: name.optional(),
      webhook_url: z.string("Write a URL.").optional(),
      attachments: z
        .array(jsonValue, "Write a list of JSON values.")
        .max(MOST_ATTACHMENTS, `Write at most ${MOST_ATTACHMENTS}.`)
        .default([]),
      fallback_destinations: z
        .array(name, "Write a list of names of destinations.")
        .max(MOST_FALLBACKS, `Write at most ${MOST_FALLBACKS}.`)
        .default([]),
      dedupe_key: z
        .string("Write a text.")
        .min(1, "Write a text.")
        .max(255, "Write at most 255 characters.")
        .optional(),
      timeout_ms: z.number("Write a number of milliseconds.").default(TIMEOUT_RANGE.default),
      retry_count: z.number("Write a number.").default(RETRY_RANGE.default),
    },
    "Write an object with channel and message.",
  )
  .transform((request) => ({
    ...request,
    timeout_ms: clamped(request.timeout_ms, TIMEOUT_RANGE),
    retry_count: clamped(request.retry_count, RETRY_RANGE),
  }));

function clamped(value: number, { least, most }: { least: number; most: number }): number {
  return Math.min(most, Math.max(least, Math.round(value)));
}

/** What has to be looked at together, whatever is wrong with the rest. */
interface Given {
  readonly channel?: string | undefined;
  readonly destination?: unknown;
  readonly webhook_url?: string | undefined;
  readonly attachments: readonly JsonValue[];
}

const givenSchema: z.ZodType<Given> = z
  .object({
    channel: z.string().optional().catch(undefined),
    destination: z.unknown().optional(),
    webhook_url: z.string().optional().catch(undefined),
    attachments: z.array(jsonValue).catch([]),
  })
  .catch({ attachments: [] });

async function channelIssues(
  { channel, destination, webhook_url: url, attachments }: Given,
  couriers: Couriers,
): Promise<FieldIssue[]> {
  const both = url !== undefined && destination !== undefined ? [TWO_PLACES] : [];
  const courier = couriers.get(channel ?? "");
  if (courier === undefined) return channel === undefined ? both : [unknownChannel(couriers), ...both];
  const urlIssue = url === undefined ? null : courier.addressIssue(url);
  return [
    ...both,
    ...(urlIssue === null ? [] : [{ field: "webhook_url", message: urlIssue }]),
    ...(await courier.attachmentIssues(attachments)),
  ];
}

const TWO_PLACES: FieldIssue = {
  field: "webhook_url",
  message: "Give one of destination and webhook_url.",
};

/** What is wrong with a channel that nobody here has. */
export function unknownChannel(couriers: Couriers): FieldIssue {
  return { field: "channel", message: `Use one of ${[...couriers.keys()].join(", ")}.` };
}
