import { retryDelayMs } from "@core/outbound";
import type { Clock } from "@core/registry";
import { composeMail, mailAddressIssue, mailAttachmentSchema, mailRecipients } from "../channels/email.ts";
import type { IntegrationsParts } from "../integrations-parts.ts";
import { sleepBy } from "../clock-sleep.ts";
import { attachmentIssues, BUDGET_MS, notConfigured, unsent } from "./courier.ts";
import type { Courier, CourierResult, DeliveryLimits } from "./courier.ts";
import type { MailAttempt, MailFailure } from "./mail-attempt.ts";
import { openSmtpMailer } from "./smtp-mailer.ts";
import type { SmtpMailer } from "./smtp-mailer.ts";
import type { SmtpSettings } from "./smtp-settings.ts";

/** Sends mail by one server, and again to those recipients that were not taken for the moment. */
export function createMailCourier(smtp: SmtpSettings | null, parts: IntegrationsParts): Courier {
  return {
    channel: "email",
    addressIssue: mailAddressIssue,
    attachmentIssues: (attachments) => attachmentIssues(attachments, mailAttachmentSchema),
    async deliver(notification, address, limits) {
      if (smtp === null) return NO_SERVER;
      const mailer = await openSmtpMailer(smtp).catch(() => null);
      if (mailer === null) return NO_NODEMAILER;
      const recipients = mailRecipients(address);
      const header = { id: notification.id, date: new Date(parts.clock.now()), recipients };
      const message = await mailer.write(composeMail(notification), header).catch(() => null);
      if (message === null) return NO_MAIL;
      return sendToAll(recipients, { ...limits, mailer, message, parts });
    },
  };
}

interface MailOptions extends DeliveryLimits {
  readonly mailer: SmtpMailer;
  readonly message: Buffer;
  readonly parts: IntegrationsParts;
}

async function sendToAll(recipients: readonly string[], options: MailOptions): Promise<CourierResult> {
  const { retries, signal, parts } = options;
  const { clock, random } = parts;
  const deadlineMs = clock.now() + BUDGET_MS;
  let accepted = 0;
  let pending = recipients;
  let failure: MailFailure | null = null;
  for (let attempt = 0; ; attempt++) {
    const timeoutMs = Math.min(options.timeoutMs, deadlineMs - clock.now());
    const result = await send(pending, { ...options, timeoutMs });
    accepted += result.accepted;
    pending = result.later;
    failure = result.failure ?? failure;
    const delayMs = retryDelayMs({ attempt, random: random() });
    const isLast = attempt >= retries || clock.now() + delayMs >= deadlineMs || pending.length === 0;
    if (isLast || !(await slept(delayMs, clock, signal))) {
      return resultOf({ attempts: attempt + 1, accepted, of: recipients.length, failure });
    }
  }
}

/** The deadline covers all of an attempt; the server's silence alone would let it drip for ever. */
async function send(recipients: readonly string[], options: MailOptions): Promise<MailAttempt> {
  const { mailer, message, timeoutMs, signal, parts } = options;
  const deadline = new AbortController();
  const cancel = parts.clock.after(timeoutMs, () => deadline.abort());
  const either = signal ? AbortSignal.any([deadline.signal, signal]) : deadline.signal;
  try {
    const attempt = await mailer.send(message, recipients, { timeoutMs, signal: either });
    return signal?.aborted && attempt.accepted === 0 ? ABORTED : attempt;
  } finally {
    cancel();
  }
}

async function slept(delayMs: number, clock: Clock, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await sleepBy(clock)(delayMs, signal);
    return true;
  } catch {
    return false;
  }
}

const NO_SERVER = notConfigured(
  "smtp_not_configured",
  "No mail server is set, so the mail was recorded and not sent. Set one by the option smtp.",
);

const NO_NODEMAILER = unsent(
  "nodemailer_missing",
  "Mail is sent by nodemailer, which is not installed. Install it: npm install nodemailer",
);

const NO_MAIL = unsent("mail_invalid", "The mail could not be written. Check its attachments.");

const ABORTED: MailAttempt = {
  accepted: 0,
  later: [],
  failure: { code: "aborted", message: "Sending was aborted by its caller." },
};

interface MailCount {
  readonly attempts: number;
  readonly accepted: number;
  readonly of: number;
  readonly failure: MailFailure | null;
}

function resultOf({ attempts, accepted, of, failure }: MailCount): CourierResult {
  const partly = `The mail server took it for ${accepted} of ${of} recipients (${failure?.code ?? ""}).`;
  return {
    status: accepted > 0 ? "accepted" : "failed",
    http_status: null,
    attempts,
    error: accepted > 0 ? null : failure,
    notes: accepted > 0 && accepted < of ? [partly] : [],
    details: { accepted, refused: of - accepted },
  };
}
