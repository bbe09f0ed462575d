import { z } from "zod";
import type { ChannelNotification } from "./notification-channel.ts";
import { clipText } from "./split-text.ts";

/** What a mail says, apart from who it is from and to. */
export interface MailContent {
  readonly subject: string;
  readonly text: string;
  readonly priority: "low" | "normal" | "high";
  readonly attachments: readonly MailAttachment[];
}

interface MailAttachment {
  readonly filename: string;
  readonly content: string;
  readonly encoding: "utf8" | "base64";
  readonly contentType?: string;
}

/** Of one attachment: its content stands in it, as mail is not to read files or fetch addresses. */
export const mailAttachmentSchema: z.ZodType = z.lazy(() => attachmentSchema);

/** Names what is wrong with `mailto:` and its addresses; null when nothing is. */
export function mailAddressIssue(address: string): string | null {
  if (!address.startsWith("mailto:")) return "Write mailto: and an address, such as mailto:team@example.com.";
  if (/[?#]/.test(address))
    return "Leave out what follows the addresses: subject and text are the message's.";
  const recipients = mailRecipients(address);
  if (recipients.length > MOST_RECIPIENTS) return `Write at most ${MOST_RECIPIENTS} addresses.`;
  return recipients.every((recipient) => RECIPIENT.test(recipient))
    ? null
    : "One of the addresses cannot be read. Write them as mailto:a@example.com,b@example.com.";
}

/** The addresses of a `mailto:`, each once. */
export function mailRecipients(address: string): string[] {
  return [...new Set(address.slice("mailto:".length).split(",").map(decoded))];
}

/** Makes a mail of a notification: its first line is the subject, behind a priority that is worth it. */
export function composeMail({ message, priority, attachments }: ChannelNotification): MailContent {
  const urgency = priority === "high" || priority === "urgent" ? `[${priority}] ` : "";
  return {
    subject: urgency + clipText(firstLine(message), SUBJECT_LIMIT),
    text: message,
    priority: urgency === "" ? (priority === "low" ? "low" : "normal") : "high",
    attachments: attachments.map((attachment) => mailAttachment(attachment)),
  };
}

const MOST_RECIPIENTS = 50;
const SUBJECT_LIMIT = 120;

/** One address, and nothing in it that could become a second one, a name or a header. */
const RECIPIENT = /^[^\s@,;:<>()[\]\\"]{1,64}@[^\s@,;:<>()[\]\\"]{1,255}$/;

const attachmentSchema = z.strictObject(
  {
    filename: z.string("Write a name for the file.").min(1).max(255),
    content: z.string("Write the file's content as a text, with encoding base64 if it is none."),
    encoding: z.enum(["utf8", "base64"]).default("utf8"),
    content_type: z.string("Write a media type, such as text/csv.").exactOptional(),
  },
  "Write an object with filename and content.",
);

function mailAttachment(attachment: unknown): MailAttachment {
  const { filename, content, encoding, content_type: contentType } = attachmentSchema.parse(attachment);
  return { filename, content, encoding, ...(contentType !== undefined && { contentType }) };
}

/** A line break or another control character in a subject would begin a header of its own. */
function firstLine(message: string): string {
  const [line = ""] = message.trim().split(/[\r\n\u2028\u2029]/, 1);
  return line.replaceAll(/\p{Cc}+/gu, " ").trim();
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text).trim();
  } catch {
    return "";
  }
}
