import { delivered, permanent, retryable } from "@core/registry";
import type { DeliveryOutcome, JsonObject, ReceiverAnswer } from "@core/registry";
import { z } from "zod";
import { discordEmbedSchema, fitEmbeds } from "./discord-embeds.ts";
import { judgeStatus } from "./notification-channel.ts";
import type { ComposedNotification, NotificationChannel } from "./notification-channel.ts";
import { clipText, splitText, textLength } from "./split-text.ts";

/** Webhooks of Discord. Nobody is mentioned by a notification, and `low` makes no sound. */
export const discordChannel: NotificationChannel = {
  name: "discord",
  attachment: discordEmbedSchema,
  addressIssue: ({ pathname }) =>
    /\/webhooks\/\d+\/[\w-]+\/(?:slack|github)\/?$/.test(pathname)
      ? "This end of the URL takes messages of another service. Leave out what follows the token."
      : null,
  compose({ message, priority, attachments }, address) {
    const text = contents(message);
    const { messages, notes } = fitEmbeds(attachments);
    const url = new URL(address);
    url.searchParams.set("wait", "true");
    const request = (content: string, embeds: readonly JsonObject[]) => ({
      url,
      body: {
        content,
        embeds,
        allowed_mentions: { parse: [] },
        ...(priority === "low" && { flags: SUPPRESS_NOTIFICATIONS }),
      },
    });
    const [withText = [], ...others] = messages;
    return {
      requests: [
        ...text.parts.map((part, index) => request(part, index === text.parts.length - 1 ? withText : [])),
        ...others.map((embeds) => request("", embeds)),
      ],
      notes: [...text.notes, ...notes],
    };
  },
  judge: judgeDiscordAnswer,
};

const CONTENT_LIMIT = 2_000;
const MOST_MESSAGES = 10;
const SUPPRESS_NOTIFICATIONS = 1 << 12;

function contents(message: string): { parts: readonly string[]; notes: ComposedNotification["notes"] } {
  const parts = splitText(message, { limit: CONTENT_LIMIT });
  if (parts.length === 1) return { parts, notes: [] };
  const notes = [
    `The message was split into ${Math.min(parts.length, MOST_MESSAGES)} of at most ${CONTENT_LIMIT} characters.`,
  ];
  if (parts.length <= MOST_MESSAGES) return { parts, notes };

  const last = clipText(`${parts[MOST_MESSAGES - 1]}…`, CONTENT_LIMIT);
  const rest = parts.slice(MOST_MESSAGES - 1).reduce((sum, part) => sum + textLength(part), 0);
  const lost = rest - (textLength(last) - 1);
  return {
    parts: [...parts.slice(0, MOST_MESSAGES - 1), last],
    notes: [...notes, `The last ${lost} characters of the message were cut.`],
  };
}

/** Discord explains itself in JSON, and names the wait after a 429 there more exactly than in its header. */
function judgeDiscordAnswer(answer: ReceiverAnswer): DeliveryOutcome {
  const outcome = judgeStatus(answer);
  const said = readAnswer(answer.body);
  if (outcome.status === "delivered")
    return delivered(said.id === undefined ? {} : { externalIds: [said.id] });
  if (outcome.status !== "failed") return outcome;

  const failure = {
    code: said.code ? `discord_${said.code}` : outcome.code,
    message: said.message ? `The service answered ${answer.status}: ${said.message}` : outcome.message,
  };
  if (outcome.failure !== "retryable") return permanent(failure);
  if (answer.status !== 429 || said.retry_after === undefined) return retryable(failure);
  return retryable({ ...failure, retryAfterMs: Math.ceil(said.retry_after * 1_000) });
}

const answerSchema = z.object({
  id: z.string().regex(/^\d+$/).optional().catch(undefined),
  code: z.int().optional().catch(undefined),
  message: z.string().max(200).optional().catch(undefined),
  retry_after: z.number().nonnegative().optional().catch(undefined),
});

function readAnswer(body: string): z.output<typeof answerSchema> {
  try {
    return answerSchema.catch({}).parse(JSON.parse(body));
  } catch {
    return {};
  }
}
