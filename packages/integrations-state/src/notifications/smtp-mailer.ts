import type { SMTPTransportOptions } from "nodemailer";
import type { MailContent } from "../channels/email.ts";
import { attemptOfAnswer, attemptOfError } from "./mail-attempt.ts";
import type { MailAttempt } from "./mail-attempt.ts";
import type { SmtpSettings } from "./smtp-settings.ts";

/** Speaks to one mail server. */
export interface SmtpMailer {
  /** Writes a mail once, so that every attempt sends the same bytes. */
  write(mail: MailContent, header: MailHeader): Promise<Buffer>;
  /** Hands a written mail over once. Failures are values. */
  send(message: Buffer, recipients: readonly string[], limits: MailLimits): Promise<MailAttempt>;
}

interface MailHeader {
  readonly id: string;
  readonly date: Date;
  readonly recipients: readonly string[];
}

interface MailLimits {
  /** Of the server's silence at any moment. */
  readonly timeoutMs: number;
  /** Ends it at once. */
  readonly signal: AbortSignal;
}

/** Loads nodemailer, which need not be there as long as no mail is sent. @throws when it is not installed */
export async function openSmtpMailer(settings: SmtpSettings): Promise<SmtpMailer> {
  const { createTransport } = await import("nodemailer");
  const writer = createTransport({ ...LOCKED, streamTransport: true, buffer: true, newline: "windows" });
  return {
    async write({ subject, text, priority, attachments }, { id, date, recipients }) {
      const { message } = await writer.sendMail({
        from: settings.from,
        to: [...recipients],
        messageId: `<${id}@${settings.domain}>`,
        date,
        subject,
        text,
        priority,
        attachments: [...attachments],
      });
      return Buffer.isBuffer(message) ? message : Buffer.concat(await message.toArray());
    },
    async send(message, recipients, { timeoutMs, signal }) {
      const transport = createTransport(serverOptions(settings, timeoutMs));
      const envelope = { from: settings.from, to: [...recipients] };
      try {
        return attemptOfAnswer(await transport.sendMail({ raw: message, envelope, signal }), recipients);
      } catch (error) {
        return attemptOfError(error, recipients);
      }
    },
  };
}

/** What is sent comes from tool calls: it may name no file of this machine and no address to fetch. */
const LOCKED = { disableFileAccess: true, disableUrlAccess: true };

/** Encryption that can be trusted is demanded unless plain text would do as well. */
function serverOptions(settings: SmtpSettings, timeoutMs: number): SMTPTransportOptions {
  const { host, port, secure, auth, isLoopback, allowPlaintext } = settings;
  const mayBeOpen = isLoopback || (allowPlaintext && !secure);
  return {
    ...LOCKED,
    host,
    port,
    secure,
    requireTLS: !secure && !mayBeOpen,
    tls: { rejectUnauthorized: !mayBeOpen },
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    ...(auth && { auth }),
  };
}
