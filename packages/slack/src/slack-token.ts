import { misconfigured, retryable } from "@core/registry";
import type { FailedDelivery, SecretPort } from "@core/registry";
import type { SlackTarget } from "./slack-target.ts";

/** The variable of the token that is used when a target names no installation. */
export const TOKEN_VARIABLE = "SLACK_BOT_TOKEN";

/** A bot token at the moment of its use; kept nowhere. */
export interface SlackToken {
  /** Under which the operator has set it, such as `installation:T1`. */
  readonly ref: string;
  readonly value: string;
}

/** Reads the token that a target is sent with; a failure says what to set. */
export async function resolveToken(
  { installation }: Partial<SlackTarget>,
  secrets: SecretPort,
): Promise<SlackToken | FailedDelivery> {
  const ref = tokenRef({ installation });
  let value: string;
  try {
    value = (await secrets.resolve(ref))?.trim() ?? "";
  } catch {
    return retryable({ code: "token_unread", message: `The secret "${ref}" could not be read.` });
  }
  if (value === "") return misconfigured({ code: "token_missing", message: MISSING(installation) });
  // An HTTP header with anything else is refused, in an error that shows it.
  if (!/^[\x21-\x7e]+$/.test(value))
    return misconfigured({ code: "token_malformed", message: MALFORMED(ref) });
  return { ref, value };
}

/** The name of the secret that holds a workspace's token; calls are counted by it. */
export function tokenRef({ installation }: Partial<SlackTarget>): string {
  return installation === undefined ? TOKEN_VARIABLE : `installation:${installation}`;
}

/** Takes the token out of a text that others wrote. */
export function withoutToken(text: string, { value }: SlackToken): string {
  return text.replaceAll(value, "[token]");
}

const MISSING = (installation: string | undefined): string =>
  installation === undefined
    ? `There is no token for Slack. Set ${TOKEN_VARIABLE} to the bot token of your Slack app.`
    : `There is no token for the installation "${installation}". Install the Slack app there, or name no installation to use ${TOKEN_VARIABLE}.`;

const MALFORMED = (ref: string): string =>
  `The secret "${ref}" holds characters that no token has. Set it to the bot token alone, such as xoxb-….`;
