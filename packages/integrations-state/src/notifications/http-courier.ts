import { deliveryOutcome, isOutboundError, postJson } from "@core/outbound";
import { permanent } from "@core/registry";
import type { DeliveryOutcome } from "@core/registry";
import type { ChannelRequest, NotificationChannel } from "../channels/notification-channel.ts";
import type { IntegrationsParts } from "../integrations-parts.ts";
import { withoutAddress } from "./address-mask.ts";
import { sleepBy } from "../clock-sleep.ts";
import { containChannel } from "./contained-channel.ts";
import type { ContainedChannel } from "./contained-channel.ts";
import { attachmentIssues, BUDGET_MS } from "./courier.ts";
import type { Courier, CourierResult, DeliveryLimits } from "./courier.ts";

/** Posts what a channel makes of a notification, and tries again as the channel judges the answers. */
export function createHttpCourier(channel: NotificationChannel, parts: IntegrationsParts): Courier {
  const { guard } = parts.outbound;
  const contained = containChannel(channel, parts.diagnostics);
  return {
    channel: channel.name,
    addressIssue: (address) => guard.literalIssue(address) ?? contained.addressIssue(new URL(address)),
    attachmentIssues: (attachments) => attachmentIssues(attachments, channel.attachment),
    async deliver(notification, address, limits) {
      const composed = contained.compose(notification, new URL(address));
      if (composed === null) return resultOf([unsent(contained.failure)], { address, of: 0, notes: [] });
      const { requests, notes } = composed;
      const posted = await postAll(requests, { ...limits, address, channel: contained, parts });
      return resultOf(posted, { address, of: requests.length, notes });
    },
  };
}

interface PostOptions extends DeliveryLimits {
  readonly address: string;
  readonly channel: ContainedChannel;
  readonly parts: IntegrationsParts;
}

/** How one request of a notification went. */
interface PostedPart {
  readonly outcome: DeliveryOutcome;
  readonly httpStatus: number | null;
  readonly attempts: number;
}

/** Each part has its own retries, as a service may limit how many come at once; the budget is that of all. */
async function postAll(requests: readonly ChannelRequest[], options: PostOptions): Promise<PostedPart[]> {
  const { clock } = options.parts;
  const deadlineMs = clock.now() + BUDGET_MS;
  const posted: PostedPart[] = [];
  for (const request of requests) {
    const part = await post(request, deadlineMs - clock.now(), options);
    posted.push(part);
    if (part.outcome.status !== "delivered") break;
  }
  return posted;
}

async function post(request: ChannelRequest, budgetMs: number, options: PostOptions): Promise<PostedPart> {
  if (budgetMs <= 0) return unsent(BUDGET_SPENT);
  const { address, channel, parts, retries, timeoutMs, signal } = options;
  const { outbound, clock, random } = parts;
  const { url = address, body, headers = {} } = request;
  try {
    const answer = await postJson(outbound, url, body, {
      headers,
      retries,
      timeoutMs,
      budgetMs,
      clock,
      random,
      sleep: sleepBy(clock),
      judge: (answered) => advice(channel.judge(answered)),
      ...(signal && { signal }),
    });
    return { outcome: channel.judge(answer), httpStatus: answer.status, attempts: answer.attempts };
  } catch (error) {
    if (!isOutboundError(error)) {
      channel.tell("a request", error);
      return unsent(channel.failure);
    }
    const attempts = error.details["attempts"];
    const outcome = deliveryOutcome({ status: "failed", error }, { policy: "task_result", idempotent: true });
    return { outcome, httpStatus: null, attempts: typeof attempts === "number" ? attempts : 0 };
  }
}

const BUDGET_SPENT = permanent({
  code: "timeout",
  message: `The notification was not complete within ${BUDGET_MS} ms.`,
});

function unsent(outcome: DeliveryOutcome): PostedPart {
  return { outcome, httpStatus: null, attempts: 0 };
}

function advice(outcome: DeliveryOutcome): { retryable: boolean; retryAfterMs?: number } {
  if (outcome.status !== "failed") return { retryable: false };
  const { failure, retryAfterMs } = outcome;
  return { retryable: failure === "retryable", ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

function resultOf(
  posted: readonly PostedPart[],
  { address, of, notes }: { address: string; of: number; notes: readonly string[] },
): CourierResult {
  const last = posted.at(-1);
  const sent = posted.flatMap(({ outcome }) => (outcome.status === "delivered" ? [outcome] : []));
  const error = last === undefined ? null : errorOf(last.outcome, address);
  const ids = sent.flatMap(({ externalIds }) => externalIds).map((id) => shown(id, address));
  const partly = `${sent.length} of ${of} parts were sent.`;
  return {
    status: error === null ? "delivered" : "failed",
    http_status: last?.httpStatus ?? null,
    attempts: posted.reduce((sum, { attempts }) => sum + attempts, 0),
    error,
    notes: error !== null && sent.length > 0 ? [...notes, partly] : notes,
    ...(ids.length > 0 && { details: { external_ids: ids } }),
  };
}

function errorOf(outcome: DeliveryOutcome, address: string): CourierResult["error"] {
  switch (outcome.status) {
    case "delivered":
      return null;
    case "skipped":
      return { code: "skipped", message: shown(outcome.reason, address) };
    case "failed":
      return { code: shown(outcome.code, address), message: shown(outcome.message, address) };
  }
}

const SHOWN_CHARACTERS = 300;

/** A service's own words, should they repeat the address. */
function shown(text: string, address: string): string {
  return withoutAddress(text, address).slice(0, SHOWN_CHARACTERS).toWellFormed();
}
