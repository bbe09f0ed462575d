import { OutboundError } from "./errors.ts";
import { maskUrl } from "./url-mask.ts";

/** Names what is wrong with a URL as such, before its address is looked at; null when nothing is. */
export function urlIssue(url: string | URL): string | null {
  return issueOf(typeof url === "string" ? URL.parse(url) : url);
}

/**
 * Parses a URL that a request may go to; what becomes of a URL object afterwards does not matter.
 * @throws OUTBOUND_URL_INVALID when it cannot be read, is not http or https, or carries credentials.
 */
export function parseOutboundUrl(url: string | URL): URL {
  const parsed = URL.parse(String(url));
  const issue = issueOf(parsed);
  if (issue === null && parsed !== null) return parsed;
  throw new OutboundError({
    code: "OUTBOUND_URL_INVALID",
    message: issue ?? UNREADABLE,
    details: { url: maskUrl(url), sent: "no" },
  });
}

const UNREADABLE = "The URL cannot be read. Write an absolute URL such as https://example.com/hook.";

function issueOf(url: URL | null): string | null {
  if (url === null) return UNREADABLE;
  const { protocol, username, password } = url;
  if (protocol !== "http:" && protocol !== "https:") {
    return `The scheme "${protocol.slice(0, -1)}" is not supported. Use http or https.`;
  }
  if (username !== "" || password !== "") {
    return "The URL carries a user name or password. Remove them from the URL.";
  }
  return null;
}
