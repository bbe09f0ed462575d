import type { DeliveryContext, FailedDelivery, HttpPort, SecretPort } from "@core/registry";
import { createSlackClient } from "./client.ts";
import type { SlackClient } from "./client.ts";
import { slackFailure } from "./slack-error.ts";
import type { SlackTarget } from "./slack-target.ts";
import { resolveToken } from "./slack-token.ts";
import { createSlackWeb } from "./slack-web.ts";
import type { SlackWeb } from "./slack-web.ts";

export interface SlackAccessOptions {
  readonly fetch: HttpPort["fetch"];
  readonly secrets: SecretPort;
  /** Default: Slack's own. */
  readonly apiUrl?: string | undefined;
  /** Of one request. Default 10,000. */
  readonly timeoutMs?: number | undefined;
}

/** A client with its token, for one attempt. */
export interface SlackAccess {
  readonly client: SlackClient;
  readonly web: SlackWeb;
  /** Judges what a call of the client threw, without showing the token. */
  failureOf(error: unknown): FailedDelivery;
}

/** Opens the access that a target needs, or tells what is wrong with its token. */
export async function openSlack(
  target: Pick<SlackTarget, "installation">,
  { signal, logger }: Pick<DeliveryContext, "signal" | "logger">,
  options: SlackAccessOptions,
): Promise<SlackAccess | FailedDelivery> {
  const { fetch, secrets, apiUrl, timeoutMs } = options;
  const token = await resolveToken(target, secrets);
  if ("status" in token) return token;
  const web = createSlackWeb({ token: token.value, fetch, signal, logger, apiUrl, timeoutMs });
  return {
    client: createSlackClient(web),
    web,
    failureOf: (error) => slackFailure(error, token),
  };
}
