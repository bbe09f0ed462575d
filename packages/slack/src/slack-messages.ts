import type { DeliveryOutcome, FailedDelivery, IntegrationContext } from "@core/registry";
import { delivered, permanent } from "@core/registry";
import { createCallBudget } from "./call-budget.ts";
import { isMarkdownRefusal } from "./markdown-refusal.ts";
import { changeMessage } from "./message-change.ts";
import type { MessageContent } from "./message-parts.ts";
import { contentOf, messageParts } from "./message-parts.ts";
import { openSlack } from "./slack-access.ts";
import type { SlackTarget } from "./slack-target.ts";

/** A message of the app's own: `ts` is what a delivery that has posted it tells as an external id. */
export interface SlackMessageName extends Pick<SlackTarget, "channel_id" | "installation"> {
  readonly ts: string;
}

export interface SlackMessagesOptions extends Pick<
  IntegrationContext,
  "http" | "secrets" | "clock" | "logger"
> {
  /** Default: Slack's own. */
  readonly apiUrl?: string;
}

interface ChangeOptions {
  /** Ends the calls. */
  readonly signal?: AbortSignal;
}

/** Changes what was posted, for programs that do so: no server does by itself. Repeating a change does no harm. */
export interface SlackMessages {
  /** Gives a message another text, in Markdown and as long as one message holds; its author stays. */
  edit(message: SlackMessageName, text: string, options?: ChangeOptions): Promise<DeliveryOutcome>;
  /** Takes a message back; one that is gone already counts as taken back. */
  remove(message: SlackMessageName, options?: ChangeOptions): Promise<DeliveryOutcome>;
}

export function createSlackMessages(options: SlackMessagesOptions): SlackMessages {
  const { http, secrets, clock, logger, apiUrl } = options;
  const means = { fetch: http.fetch, secrets, apiUrl, budget: createCallBudget(clock) };

  return {
    async edit(message, text, how) {
      const { markdown, mrkdwn } = messageParts(text, "markdown");
      const [part] = markdown;
      if (part === undefined || markdown.length > 1)
        return permanent(part === undefined ? NO_TEXT : TOO_LONG);
      const outcome = await change(message, contentOf(part, "markdown"), how);
      const [plain, ...more] = mrkdwn;
      const isPlain = plain !== undefined && more.length === 0;
      if (outcome.status !== "failed" || !isMarkdownRefusal(outcome.code) || !isPlain) return outcome;
      return change(message, contentOf(plain, "mrkdwn"), how);
    },
    remove: (message, how) => change(message, null, how),
  };

  async function change(
    { channel_id: channel, ts, installation }: SlackMessageName,
    content: MessageContent | null,
    { signal = new AbortController().signal }: ChangeOptions = {},
  ): Promise<DeliveryOutcome> {
    const access = await openSlack({ installation }, { signal, logger }, means);
    if ("status" in access) return access;
    const failure: FailedDelivery | null = await changeMessage({ channel, ts, content }, access);
    return failure ?? delivered({ externalIds: [ts] });
  }
}

const NO_TEXT = { code: "no_text", message: "There is no text. Take the message back instead." };

const TOO_LONG = {
  code: "msg_too_long",
  message: "The text takes several messages, and one was to be changed. Shorten it, or post it anew.",
};
