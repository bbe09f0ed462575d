import type { DeliveryContext, FailedDelivery, HttpPort, SecretPort } from "@core/registry";
import type { CallBudget } from "./call-budget.ts";
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
  /** Shared by all that goes to Slack. */
  readonly budget: CallBudget;
  /** Default: Slack's own. */
  readonly apiUrl?: string | undefined;
  /** Of one request. Default 10,000. */
  readonly timeoutMs?: number | undefined;
  /** How long a call may wait for its turn. Default 10,000. */
  readonly longestWaitMs?: number | undefined;
}

/** A client with its token, for one attempt. */
export interface SlackAccess {
  readonly client: SlackClient;
  readonly web: SlackWeb;
  /** The name of the token's secret, which tells workspaces apart. */
  readonly team: string;
  /** Judges what a call of the client threw, without showing the token. */
  failureOf(error: unknown): FailedDelivery;
}

/** Opens the access that a target needs, or tells what is wrong with its token. */
export async function openSlack(
  target: Partial<SlackTarget>,
  { signal, logger }: Pick<DeliveryContext, "signal" | "logger">,
  options: SlackAccessOptions,
): Promise<SlackAccess | FailedDelivery> {
  const { secrets, ...rest } = options;
  const token = await resolveToken(target, secrets);
  if ("status" in token) return token;
  const team = token.ref;
  const web = createSlackWeb({ ...rest, token: token.value, team, signal, logger });
  return { client: createSlackClient(web), web, team, failureOf: (error) => slackFailure(error, token) };
}
