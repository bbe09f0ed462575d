import { OutboundError } from "./errors.ts";
import { maskUrl } from "./url-mask.ts";

/** Names what is wrong with a URL as such, before its address is looked at; null when nothing is. */
export function urlIssue(url: string | URL): string | null {
  if (!URL.canParse(String(url)))
    return "The URL cannot be read. Write an absolute URL such as https://example.com/hook.";
  const { protocol, username, password } = new URL(String(url));
  if (protocol !== "http:" && protocol !== "https:") {
    return `The scheme "${protocol.slice(0, -1)}" is not supported. Use http or https.`;
  }
  if (username !== "" || password !== "") {
    return "The URL carries a user name or password. Remove them from the URL.";
  }
  return null;
}

/**
 * Parses a URL that a request may go to.
 * @throws OUTBOUND_URL_INVALID when it cannot be read, is not http or https, or carries credentials.
 */
export function parseOutboundUrl(url: string | URL): URL {
  const issue = urlIssue(url);
  if (issue === null) return new URL(String(url));
  throw new OutboundError({
    code: "OUTBOUND_URL_INVALID",
    message: issue,
    details: { url: maskUrl(url), sent: "no" },
  });
}
