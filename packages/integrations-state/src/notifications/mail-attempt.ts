import type { NodemailerError } from "nodemailer";

/** What became of a mail's recipients in one attempt. */
export interface MailAttempt {
  /** How many the server has taken it for. */
  readonly accepted: number;
  /** Those that it may take it for later. */
  readonly later: readonly string[];
  /** Why it has not taken it for all of them. */
  readonly failure: MailFailure | null;
}

export interface MailFailure {
  readonly code: string;
  readonly message: string;
}

/** The mail was taken, though perhaps not for every recipient. */
export function attemptOfAnswer(
  answer: { readonly rejectedErrors?: readonly NodemailerError[] | undefined },
  recipients: readonly string[],
): MailAttempt {
  return byRecipient(answer.rejectedErrors ?? [], recipients);
}

/** The mail was not taken. What the server said stays here: it repeats addresses. */
export function attemptOfError(error: unknown, recipients: readonly string[]): MailAttempt {
  const failed: Partial<NodemailerError> = error instanceof Error ? error : {};
  const { rejectedErrors = [] } = failed;
  if (rejectedErrors.length === recipients.length) return byRecipient(rejectedErrors, recipients);
  return { accepted: 0, later: mayPass(failed) ? recipients : [], failure: failureOf(failed) };
}

function byRecipient(refusals: readonly NodemailerError[], recipients: readonly string[]): MailAttempt {
  const last = refusals.at(-1);
  return {
    accepted: recipients.length - refusals.length,
    later: refusals.filter(mayPass).flatMap(({ recipient }) => recipient ?? []),
    failure: last === undefined ? null : failureOf(last),
  };
}

/** By the server's word, 4xx; where it gave none, when the connection is to blame. */
function mayPass(error: Partial<NodemailerError>): boolean {
  const { responseCode, code = "" } = error;
  if (responseCode !== undefined) return responseCode >= 400 && responseCode < 500;
  return TIMEOUTS.has(code) || (CONNECTION_FAILURES.has(code) && !isCertificateFault(error));
}

const TIMEOUTS = new Set(["ETIMEDOUT", "EABORT"]);
const CONNECTION_FAILURES = new Set([
  "ECONNECTION",
  "ESOCKET",
  "EDNS",
  "ECONNREFUSED",
  "ECONNRESET",
  "EPROTOCOL",
]);

function isCertificateFault({ originalCode = "" }: Partial<NodemailerError>): boolean {
  return /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|ERR_TLS_|ERR_SSL_)/.test(
    originalCode,
  );
}

function failureOf(error: Partial<NodemailerError>): MailFailure {
  const { responseCode, code = "" } = error;
  if (code === "ETLS" || isCertificateFault(error)) return TLS_FAILED;
  if (code === "EAUTH" || code === "ENOAUTH") return AUTH_FAILED;
  if (responseCode !== undefined) {
    return { code: `smtp_${responseCode}`, message: `The mail server answered ${responseCode}.` };
  }
  if (TIMEOUTS.has(code)) {
    return { code: "timeout", message: "The mail server did not answer in time." };
  }
  return CONNECTION_FAILURES.has(code) ? NETWORK_FAILED : MAIL_INVALID;
}

const TLS_FAILED: MailFailure = {
  code: "smtp_tls_failed",
  message:
    "The mail server offers no encryption that can be trusted. Use smtps:, or allowPlaintext in a safe network.",
};
const AUTH_FAILED: MailFailure = {
  code: "smtp_auth_failed",
  message: "The mail server refused user and password. Correct them in smtp.url.",
};
const NETWORK_FAILED: MailFailure = {
  code: "network_error",
  message: "The connection to the mail server failed. Check host and port in smtp.url.",
};
const MAIL_INVALID: MailFailure = { code: "mail_invalid", message: "The mail could not be written or sent." };
