import type { AddressGuard } from "@core/outbound";
import { isWebhookSecret } from "@core/outbound";
import { fieldIssues } from "@core/registry";
import { z } from "zod";
import { invalidInput } from "../errors.ts";
import { INTEGRATION_EVENTS } from "../events/event-names.ts";
import type { IntegrationEvent } from "../events/event-names.ts";
import type { WebhookInput } from "./webhooks.ts";

/** A registration that has been checked. */
export interface CheckedWebhookInput {
  readonly url: string;
  /** Without duplicates. */
  readonly events?: IntegrationEvent[];
  readonly secret?: string;
  readonly generate_secret: boolean;
}

/** Reads a registration. @throws INTEGRATIONS_INPUT_INVALID naming every wrong field */
export function readWebhookInput(input: WebhookInput, guard: AddressGuard): CheckedWebhookInput {
  const result = webhookSchema(guard).safeParse(input);
  if (!result.success) {
    throw invalidInput("The webhook was not registered.", fieldIssues(result.error.issues));
  }
  const { url, events, secret, generate_secret } = result.data;
  return {
    url: normalisedUrl(url),
    generate_secret,
    ...(events && { events: [...new Set(events)] }),
    ...(secret !== undefined && { secret }),
  };
}

/** The one spelling of a URL by which two are the same endpoint; what cannot be read stays as it is. */
export function normalisedUrl(text: string): string {
  if (!URL.canParse(text)) return text;
  const url = new URL(text);
  // A fragment is never sent.
  url.hash = "";
  return url.href;
}

/** Reads the name of an event. */
export const eventNameSchema: z.ZodType<IntegrationEvent> = z.enum(INTEGRATION_EVENTS, {
  error: ({ input }) => `${shown(input)} is not an event. Use one of: ${INTEGRATION_EVENTS.join(", ")}.`,
});

function webhookSchema(guard: AddressGuard) {
  return z
    .strictObject({
      url: z.string("Write the http or https URL to post to.").superRefine((url, context) => {
        const message = guard.literalIssue(url);
        if (message !== null) context.addIssue(message);
      }),
      events: z
        .array(eventNameSchema, "Write a list of event names, or leave it out for all.")
        .min(1, `Name at least one of: ${INTEGRATION_EVENTS.join(", ")}; or leave it out for all.`)
        .optional(),
      secret: z
        .string("Write a text, an empty one for no secret, or leave it out.")
        .refine(isUsableSecret, UNREADABLE_SECRET)
        .optional(),
      generate_secret: z.boolean("Write true or false, or leave it out.").default(false),
    })
    .refine(({ secret, generate_secret }) => secret === undefined || !generate_secret, {
      path: ["generate_secret"],
      message: 'Give a "secret" or have one made, not both.',
    });
}

const UNREADABLE_SECRET =
  "This secret begins with whsec_ and cannot be read: behind it come 24 to 64 bytes in base64. Correct it, or have one made by generate_secret.";

/** Any text may sign as it is; one that looks like a Standard Webhooks secret must be one. */
function isUsableSecret(secret: string): boolean {
  return !secret.startsWith("whsec_") || isWebhookSecret(secret);
}

/** Enough to recognise it by. */
function shown(input: unknown): string {
  const text = typeof input === "string" ? JSON.stringify(input) : typeof input;
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
