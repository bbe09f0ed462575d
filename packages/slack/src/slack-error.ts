import { ambiguous, misconfigured, neverSent, retryable } from "@core/registry";
import type { FailedDelivery, ReceiverAnswer } from "@core/registry";
import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from "@slack/web-api";
import { NotCalled } from "./not-called.ts";
import { platformError } from "./platform-error.ts";
import type { SlackToken } from "./slack-token.ts";
import { withoutToken } from "./slack-token.ts";

/** Judges what a call of Slack's SDK threw: what was refused, what may be tried again, what may have arrived. */
export function slackFailure(error: unknown, token: SlackToken): FailedDelivery {
  if (error instanceof NotCalled) return notCalled(error);
  if (error instanceof WebAPIRateLimitedError) return rateLimited(error.retryAfter);
  if (error instanceof WebAPIPlatformError) return refused(error.data, token);
  if (error instanceof WebAPIHTTPError) return answeredByStatus(error, token);
  return unanswered(error, token);
}

/** Whether Slack refused a call with this code. */
export function isRefusedAs(error: unknown, code: string): boolean {
  return error instanceof WebAPIPlatformError && error.data.error === code;
}

/** Whether Slack refused a call for want of this scope. */
export function lacksScope(error: unknown, scope: string): boolean {
  if (!(error instanceof WebAPIPlatformError) || error.data.error !== "missing_scope") return false;
  return neededScopes(error.data).includes(scope);
}

function notCalled({ waitMs, message }: NotCalled): FailedDelivery {
  if (waitMs === undefined) return retryable({ code: "aborted", message });
  return retryable({ code: "rate_limited", message, retryAfterMs: Math.ceil(waitMs) });
}

const LONGEST_WAIT_MS = 24 * 60 * 60_000;

function rateLimited(retryAfterSeconds: number): FailedDelivery {
  const retryAfterMs = Math.min(Math.max(retryAfterSeconds, 0) * 1_000, LONGEST_WAIT_MS);
  const message = "Slack takes no more messages for now.";
  return retryable({ code: "rate_limited", message, ...(retryAfterMs > 0 && { retryAfterMs }) });
}

type Answer = WebAPIPlatformError["data"];

/** The SDK reads an answer that is no JSON as a refusal with the whole answer as its code. */
function refused(data: Answer, token: SlackToken): FailedDelivery {
  const code: unknown = data.error;
  if (typeof code !== "string" || !/^[a-z][a-z0-9_]{0,63}$/.test(code)) return unreadable(data, token);
  const { failure, advice } = platformError(code);
  const scopes = neededScopes(data);
  const needs = scopes.length > 0 ? ` Needed: ${scopes.join(", ")}.` : "";
  const message = `Slack answered "${code}".${needs} ${advice.replace("{token}", token.ref)}`;
  return { status: "failed", failure, code, message: withoutToken(message, token) };
}

function unreadable(data: Answer, token: SlackToken): FailedDelivery {
  const message = "The answer did not come from Slack, or not whole. The message may have been posted.";
  return ambiguous({ code: "answer_unreadable", message, answer: answerOf(200, data.error, token) });
}

function neededScopes(data: Answer): string[] {
  const needed: unknown = Reflect.get(data, "needed");
  return typeof needed === "string" ? needed.split(/[,|\s]+/).filter((scope) => scope !== "") : [];
}

/** Slack itself answers with 200 and 429 only, or with 5xx in trouble, when it may have posted. */
function answeredByStatus({ statusCode, body }: WebAPIHTTPError, token: SlackToken): FailedDelivery {
  const code = `http_${statusCode}`;
  const answer = answerOf(statusCode, body, token);
  const isRefusal = statusCode >= 300 && statusCode < 500 && statusCode !== 408;
  const message = isRefusal
    ? `Slack's address answered ${statusCode}, which Slack does not. Check SLACK_API_URL and the network between.`
    : `Slack answered ${statusCode}. The message may have been posted.`;
  return isRefusal ? misconfigured({ code, message, answer }) : ambiguous({ code, message, answer });
}

const ANSWER_CHARACTERS = 1_000;

function answerOf(status: number, body: unknown, token: SlackToken): ReceiverAnswer {
  const text = typeof body === "string" ? body : (JSON.stringify(body) ?? "");
  return { status, body: withoutToken(text, token).slice(0, ANSWER_CHARACTERS).toWellFormed() };
}

function unanswered(error: unknown, token: SlackToken): FailedDelivery {
  const cause = error instanceof WebAPIRequestError ? error.original : error;
  const detail = withoutToken(cause instanceof Error ? cause.message : String(cause), token).slice(0, 500);
  if (neverSent(error)) {
    return retryable({
      code: "not_reached",
      message: `Slack was not reached, and nothing was sent: ${detail}`,
    });
  }
  const message = `Slack's answer was lost; the message may have been posted: ${detail}`;
  return ambiguous({ code: "answer_lost", message });
}
