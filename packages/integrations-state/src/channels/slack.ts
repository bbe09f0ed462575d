import type { JsonValue } from "@core/registry";
import { z } from "zod";
import type { NotificationChannel } from "./notification-channel.ts";
import { judgeSlackAnswer } from "./slack-answer.ts";
import { splitText } from "./split-text.ts";

const text = z.string("Write a text.").optional();
const objects = z.array(z.looseObject({}, "Write an object."), "Write a list of objects.").optional();

/** Incoming webhooks of Slack, and of services that are compatible with them. */
export const slackChannel: NotificationChannel = {
  name: "slack",
  attachment: z.looseObject(
    { text, fallback: text, pretext: text, title: text, fields: objects, blocks: objects },
    "Write an attachment of Slack: a JSON object.",
  ),
  addressIssue: ({ hostname }) =>
    /(^|\.)slack\.com$/.test(hostname) && hostname !== "hooks.slack.com"
      ? "This is a page of Slack. Write the URL of an incoming webhook: https://hooks.slack.com/services/…"
      : null,
  compose({ message, attachments }) {
    const texts = splitText(message, { limit: TEXT_LIMIT, weight: (character) => escaped(character).length });
    const split = `The message was split into ${texts.length} of at most ${TEXT_LIMIT} characters.`;
    return {
      requests: texts.map((part, index) => ({
        body: {
          text: escaped(part),
          attachments: index === texts.length - 1 ? attachments.map(withoutMentions) : [],
        },
      })),
      notes: texts.length > 1 ? [split] : [],
    };
  },
  judge: judgeSlackAnswer,
};

/** Slack drops what is beyond 40,000 characters without a word, and compatible services take less. */
const TEXT_LIMIT = 35_000;

/** Shown as it was written: no `<!channel>`, `<@U…>` or link in it takes effect. */
function escaped(plain: string): string {
  return plain.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** An attachment keeps its links and formats, and calls nobody. */
function withoutMentions(value: JsonValue): JsonValue {
  if (typeof value === "string") return value.replaceAll(/<(?=@|!(?!date\^))/g, "&lt;");
  if (typeof value !== "object" || value === null) return value;
  if (isList(value)) return value.map(withoutMentions);
  if (isMention(value["type"])) return { type: "text", text: `@${mentioned(value)}` };
  const entries = Object.entries(value);
  return Object.fromEntries(entries.map(([key, one = null]) => [key, withoutMentions(one)]));
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** Elements of rich text that notify people without any markup. */
function isMention(type: JsonValue | undefined): boolean {
  return type === "broadcast" || type === "user" || type === "usergroup";
}

function mentioned(element: { readonly [key: string]: JsonValue | undefined }): string {
  const name = element["range"] ?? element["user_id"] ?? element["usergroup_id"];
  return typeof name === "string" ? name : "…";
}
