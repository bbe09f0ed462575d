import { isIP } from "node:net";
import type { FieldIssue } from "@core/registry";
import { invalidInput } from "../errors.ts";

export interface SmtpOptions {
  /** `smtp://user:password@host:587`, or `smtps://` for TLS from the first byte. */
  readonly url: string;
  /** An address, or a name and an address: `Agents <agents@example.com>`. */
  readonly from: string;
  /** Lets mail and password travel unencrypted where the server offers no STARTTLS. Default: only to this machine. */
  readonly allowPlaintext?: boolean;
}

/** The mail server, checked. */
export interface SmtpSettings {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly auth: { readonly user: string; readonly pass: string } | null;
  readonly isLoopback: boolean;
  readonly allowPlaintext: boolean;
  readonly from: string;
  /** The domain of `from`. */
  readonly domain: string;
}

/** @throws INTEGRATIONS_INPUT_INVALID, without what was given */
export function parseSmtpSettings({ url, from, allowPlaintext = false }: SmtpOptions): SmtpSettings {
  const domain = FROM.exec(from)?.groups?.["domain"];
  const issues = [...urlIssues(url), ...(domain === undefined ? [FROM_ISSUE] : [])];
  if (issues.length > 0 || domain === undefined)
    throw invalidInput("Mail cannot be sent with these settings.", issues);
  const { protocol, hostname, port, username, password } = new URL(url);
  const secure = protocol === "smtps:";
  const host = hostname.replace(/^\[|\]$/g, "");
  return {
    host,
    port: port === "" ? (secure ? 465 : 587) : Number(port),
    secure,
    auth: username === "" ? null : { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
    isLoopback: isLoopback(host),
    allowPlaintext,
    from,
    domain,
  };
}

/** An address alone, or in angle brackets behind a name. */
const FROM = /^(?:[^\r\n<>]*<(?=[^<>]+>$))?[^\s@<>,]+@(?<domain>[^\s@<>,]+)>?$/;

const FROM_ISSUE: FieldIssue = {
  field: "smtp.from",
  message: 'Write an address, such as "Agents <agents@example.com>".',
};

function urlIssues(url: string): FieldIssue[] {
  const message = urlIssue(url);
  return message === null ? [] : [{ field: "smtp.url", message }];
}

function urlIssue(url: string): string | null {
  if (!URL.canParse(url)) return "The URL cannot be read. Write one such as smtp://user:password@host:587.";
  const { protocol, hostname, pathname, search, hash, username, password } = new URL(url);
  if (protocol !== "smtp:" && protocol !== "smtps:") return "Use smtp: or smtps:.";
  if (hostname === "") return "The URL has no host.";
  if (!["", "/"].includes(pathname + search + hash)) return "Leave out what follows host and port.";
  return isDecodable(username) && isDecodable(password)
    ? null
    : "User and password cannot be read. Write them percent-encoded.";
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}
