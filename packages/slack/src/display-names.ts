import type { ChannelRef, Clock, Logger } from "@core/registry";
import type { WebClient } from "@slack/web-api";
import { channelOfClient } from "./client-id.ts";
import { createLookupCache } from "./lookup-cache.ts";
import { openSlack } from "./slack-access.ts";
import type { SlackAccessOptions } from "./slack-access.ts";

export interface DisplayNamesOptions extends SlackAccessOptions {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What people call channels and each other, in the workspace of the default token. */
export interface DisplayNames {
  /** `#general`, or `@Ada` for direct messages with her, by the id of each channel; unknown ones are left out. */
  ofChannels(channels: readonly ChannelRef[]): Promise<Readonly<Record<string, string>>>;
  /** Such as `Ada`, by a person's id in Slack; undefined when Slack does not tell, or not now. */
  ofUser(userId: string): Promise<string | undefined>;
}

/**
 * Asks Slack, once for all who ask at the same time. A name is good for ten minutes; after a failure nobody asks again
 * for half a minute. It never waits for Slack's limits: what is beyond them is told when it is asked for later.
 */
export function createDisplayNames(options: DisplayNamesOptions): DisplayNames {
  const { clock, logger } = options;
  const limits = { clock, lifetimeMs: 10 * 60_000, failureLifetimeMs: 30_000, capacity: 2_000 };
  const users = createLookupCache({ ...limits, load: (id) => userName(id, options) });
  const channels = createLookupCache({ ...limits, load: channelName });

  return {
    ofUser: (userId) => users.get(userId).catch((error: unknown) => withoutName(userId, error)),
    async ofChannels(refs) {
      const named = refs.map(async ({ id, client_id: clientId }): Promise<[string, string][]> => {
        const channel = channelOfClient(clientId);
        if (channel === null) return [];
        const name = await channels.get(channel).catch((error: unknown) => withoutName(channel, error));
        return name === undefined ? [] : [[id, name]];
      });
      return Object.fromEntries((await Promise.all(named)).flat());
    },
  };

  async function channelName(id: string): Promise<string> {
    if (id.startsWith("U")) return `@${await users.get(id)}`;
    const info = await ask(options, "conversations.info", (sdk) => sdk.conversations.info({ channel: id }));
    const { is_im: isDirect, name } = info.channel ?? {};
    // The SDK's types leave out with whom direct messages are.
    const person: unknown = isDirect ? Reflect.get(info.channel ?? {}, "user") : undefined;
    if (typeof person === "string") return `@${await users.get(person)}`;
    if (name === undefined || name === "") throw new Error("Slack names no such channel.");
    return `#${name}`;
  }

  function withoutName(id: string, error: unknown): undefined {
    const reason = error instanceof Error ? error.message : String(error);
    logger.debug({ slack_id: id, reason }, "Slack does not tell a name.");
  }
}

async function userName(id: string, options: DisplayNamesOptions): Promise<string> {
  const { user } = await ask(options, "users.info", (sdk) => sdk.users.info({ user: id }));
  const name = user?.profile?.display_name || user?.profile?.real_name || user?.real_name || user?.name;
  if (name === undefined || name === "") throw new Error("Slack names no such person.");
  return name;
}

/** Two calls are made one after the other, within the time that a query may take. */
const CALL_MS = 2_000;

/** Rejects with words that show no token. */
async function ask<Answer>(
  options: DisplayNamesOptions,
  method: string,
  send: (sdk: WebClient) => Promise<Answer>,
): Promise<Answer> {
  const { logger } = options;
  const { signal } = new AbortController();
  const limits = { timeoutMs: CALL_MS, longestWaitMs: 0 };
  const access = await openSlack({}, { signal, logger }, { ...options, ...limits });
  if ("status" in access) throw new Error(access.message);
  try {
    return await access.web.call(method, send);
  } catch (error) {
    throw new Error(access.failureOf(error).message, { cause: error });
  }
}
