import type { FailedDelivery, HookSubscription, IntegrationContext } from "@core/registry";
import type { SlackAccessOptions } from "../slack-access.ts";
import { openSlack } from "../slack-access.ts";
import { auditLine } from "./audit-line.ts";
import { createAuditQueue } from "./audit-queue.ts";

export interface AuditHooksOptions extends Pick<IntegrationContext, "clock" | "logger"> {
  /** The id of the channel that is told; undefined: none. */
  readonly channel: string | undefined;
  readonly access: SlackAccessOptions;
}

export interface AuditHooks {
  readonly hooks: readonly HookSubscription[];
  stop(signal: AbortSignal): Promise<void>;
}

/** Tells the audit channel of every call of a tool, one message each. No run ever waits for it or fails by it. */
export function createAuditHooks({ channel, access, clock, logger }: AuditHooksOptions): AuditHooks {
  if (channel === undefined) return { hooks: [], stop: async () => {} };
  const ending = new AbortController();
  const post = (text: string): Promise<FailedDelivery | null> =>
    postLine(text, channel, { access, logger, signal: ending.signal });
  const queue = createAuditQueue({ post, clock, logger });
  return {
    hooks: [{ event: "after_tool_call", listener: (call) => queue.push(auditLine(call)) }],
    async stop(signal) {
      signal.addEventListener("abort", () => ending.abort(signal.reason), { once: true });
      await queue.stop();
      ending.abort();
    },
  };
}

async function postLine(
  text: string,
  channel: string,
  { access, ...context }: Pick<AuditHooksOptions, "access" | "logger"> & { readonly signal: AbortSignal },
): Promise<FailedDelivery | null> {
  const slack = await openSlack({}, context, access);
  if ("status" in slack) return slack;
  try {
    await slack.client.post({ channel, threadTs: undefined, content: { text }, author: {} });
    return null;
  } catch (error) {
    return slack.failureOf(error);
  }
}
