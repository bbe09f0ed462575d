import { permanent, retryable } from "@core/registry";
import type { DeliveryOutcome, ReceiverAnswer } from "@core/registry";
import { judgeStatus } from "./notification-channel.ts";

/** Slack says in the body what was wrong, as one word, and compatible services as JSON; some of them with status 200. */
export function judgeSlackAnswer(answer: ReceiverAnswer): DeliveryOutcome {
  const byStatus = judgeStatus(answer);
  const code = errorCode(answer);
  if (code !== null && (FINAL.has(code) || byStatus.status === "delivered")) return permanent(failure(code));
  if (byStatus.status === "delivered" && answer.body.trimStart().startsWith("<")) return permanent(PAGE);
  if (code === null || byStatus.status !== "failed") return byStatus;
  return byStatus.failure === "retryable" ? retryable(failure(code)) : permanent(failure(code));
}

/** What no other attempt will change, and what to do. */
const FINAL: ReadonlyMap<string, string> = new Map([
  ["action_prohibited", "An administrator of the workspace forbids it."],
  ["channel_is_archived", "Unarchive the channel, or make a webhook for another one."],
  ["channel_not_found", "Make a webhook for a channel that exists."],
  ["invalid_attachments", "Correct the attachments."],
  ["invalid_blocks", "Correct the blocks of the attachments."],
  ["invalid_payload", "Correct the attachments."],
  ["invalid_token", "Make a new webhook."],
  ["no_active_hooks", "The webhook is disabled. Make a new one."],
  ["no_service", "The webhook is disabled or removed. Make a new one."],
  ["no_service_id", "The URL is not complete."],
  ["no_team", "The workspace does not exist any more, or the URL is not complete."],
  ["no_text", "Write a message."],
  ["posting_to_general_channel_denied", "Make a webhook for another channel."],
  ["team_disabled", "The workspace is disabled."],
  ["token_revoked", "Make a new webhook."],
  ["too_many_attachments", "Send fewer attachments."],
  ["user_not_found", "Make a webhook for a user that exists."],
]);

const PAGE = {
  code: "unexpected_answer",
  message: "The address answers with a web page. Write the URL of an incoming webhook.",
};

function failure(code: string): { code: string; message: string } {
  return { code, message: [`The service answered ${code}.`, FINAL.get(code)].filter(Boolean).join(" ") };
}

/** The word of an error; null when the body says none. A 2xx needs more than a word to be one. */
function errorCode({ status, body }: ReceiverAnswer): string | null {
  const word = body.trim();
  if (FINAL.has(word) || (status >= 300 && isCode(word))) return word;
  const said = jsonOf(body);
  if (said === null || said["ok"] !== false) return null;
  return isCode(said["error"]) ? said["error"] : "not_ok";
}

function isCode(text: unknown): text is string {
  return typeof text === "string" && /^[a-z][a-z_]{1,62}$/.test(text);
}

function jsonOf(body: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}
