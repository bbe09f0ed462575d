import { OutboundError } from "./errors.ts";
import { urlIssue } from "./outbound-url.ts";

/**
 * Reads the origins that an operator trusts, such as `http://127.0.0.1:4003`, in the spelling of `URL.origin`.
 * @throws OUTBOUND_URL_INVALID naming the first one that is anything else than scheme, host and port.
 */
export function parseTrustedOrigins(origins: readonly string[]): ReadonlySet<string> {
  return new Set(
    origins.map((text) => {
      if (!isOrigin(text)) throw originError(text);
      return new URL(text).origin;
    }),
  );
}

/** A path would promise a narrower trust than there is, and a pattern a wider one. */
function isOrigin(text: string): boolean {
  if (urlIssue(text) !== null) return false;
  const { href, origin, hostname } = new URL(text);
  return href === `${origin}/` && !hostname.includes("*");
}

function originError(text: string): OutboundError {
  const origin = recognisable(text);
  return new OutboundError({
    code: "OUTBOUND_URL_INVALID",
    message: `The trusted origin "${origin}" is not scheme, host and port alone. Write it like http://127.0.0.1:4003.`,
    details: { origin, sent: "no" },
  });
}

/** Enough to find the entry again: what stands before an @, in a path or in a query may be secret. */
function recognisable(text: string): string {
  return text.replace(/^.*@/s, "…@").replace(/(?<![:/])[/?#].*$/s, "/…");
}
