import { lookup as systemLookup } from "node:dns/promises";
import { isIP } from "node:net";
import { parseAllowList } from "./allow-list.ts";
import { OutboundError } from "./errors.ts";
import { parseIpAddress, unmapped } from "./ip-address.ts";
import { networkError } from "./network-error.ts";
import { parseOutboundUrl, urlIssue } from "./outbound-url.ts";
import { inRange, specialUse } from "./special-range.ts";
import type { AddressRange } from "./special-range.ts";

export interface AddressGuardOptions {
  /** Blocks that may be reached although they are not public, such as `10.0.0.0/8`. Default: none. */
  readonly allow?: readonly string[];
  /** Resolves a name to all of its addresses. Default: the machine's resolver. */
  readonly lookup?: Lookup;
}

export type Lookup = (hostname: string) => Promise<readonly ResolvedAddress[]>;

export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** Decides which addresses a request may go to. */
export interface AddressGuard {
  /** Names what is wrong with a URL and what to do, without asking DNS; null when nothing is. For use when a target is written. */
  literalIssue(url: string | URL): string | null;
  /** @throws OUTBOUND_URL_INVALID, OUTBOUND_ADDRESS_REFUSED, or OUTBOUND_NETWORK when the name cannot be resolved. */
  checkUrl(url: string | URL): Promise<readonly ResolvedAddress[]>;
  /** Resolves a name or reads a literal; every address must be allowed. @throws as `checkUrl`. */
  checkHost(hostname: string): Promise<readonly ResolvedAddress[]>;
  /** What an IP address is refused for, such as `loopback`; null when it may be reached. */
  refusal(address: string): string | null;
}

/** Makes the guard that keeps requests away from addresses that are not public. */
export function createAddressGuard(options: AddressGuardOptions = {}): AddressGuard {
  const allowed = parseAllowList(options.allow ?? []);
  return guardOf((address) => addressRefusal(address, allowed), options.lookup);
}

/** Makes the guard for origins that the operator trusts: it reads and resolves hosts alike, and refuses no address. */
export function createTrustingGuard({ lookup }: Pick<AddressGuardOptions, "lookup"> = {}): AddressGuard {
  return guardOf(() => null, lookup);
}

function guardOf(refusal: AddressGuard["refusal"], lookup: Lookup = lookupAll): AddressGuard {
  async function checkHost(hostname: string): Promise<readonly ResolvedAddress[]> {
    const host = canonicalHost(hostname);
    const use = hostRefusal(host, refusal);
    if (use !== null) throw refusedError(host, use);
    const literal = unbracketed(host);
    if (isIP(literal) !== 0) return [{ address: literal, family: isIP(literal) === 6 ? 6 : 4 }];
    const addresses = await resolve(lookup, host);
    for (const { address } of addresses) {
      const reason = refusal(address);
      if (reason !== null) throw refusedError(host, reason, address);
    }
    return addresses;
  }

  return {
    refusal,
    checkHost,
    checkUrl: async (url) => checkHost(parseOutboundUrl(url).hostname),
    literalIssue(url) {
      const issue = urlIssue(url);
      if (issue !== null) return issue;
      const { hostname } = typeof url === "string" ? new URL(url) : url;
      const use = hostRefusal(hostname, refusal);
      return use === null ? null : refusalMessage(hostname, use);
    },
  };
}

const lookupAll: Lookup = async (hostname) => {
  const found = await systemLookup(hostname, { all: true });
  return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));
};

function addressRefusal(text: string, allowed: readonly AddressRange[]): string | null {
  const parsed = parseIpAddress(text);
  if (parsed === null) return "unreadable";
  const address = unmapped(parsed);
  return allowed.some((range) => inRange(address, range)) ? null : specialUse(address);
}

/** What a literal, or a name that means this machine, is refused for. */
function hostRefusal(hostname: string, refusal: AddressGuard["refusal"]): string | null {
  const literal = unbracketed(hostname);
  if (isIP(literal) !== 0) return refusal(literal);
  const isLocal = /(^|\.)localhost\.?$/i.test(hostname);
  return isLocal && refusal("127.0.0.1") !== null && refusal("::1") !== null ? "loopback" : null;
}

function unbracketed(hostname: string): string {
  return hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
}

/** Every spelling of an address becomes its one canonical spelling by parsing the host as part of a URL. */
function canonicalHost(hostname: string): string {
  const bracketed = hostname.includes(":") && !hostname.startsWith("[") ? `[${hostname}]` : hostname;
  const isHostAlone = !/[/?#@\\]|\]:/.test(hostname);
  if (isHostAlone && URL.canParse(`http://${bracketed}`)) return new URL(`http://${bracketed}`).hostname;
  throw new OutboundError({
    code: "OUTBOUND_URL_INVALID",
    message: `"${hostname}" is not the name or address of a host.`,
    details: { host: hostname, sent: "no" },
  });
}

async function resolve(lookup: Lookup, host: string): Promise<readonly ResolvedAddress[]> {
  try {
    const addresses = await lookup(host);
    if (addresses.length > 0) return addresses;
  } catch (cause) {
    throw networkError(cause, { host, sent: "no" });
  }
  throw networkError(Object.assign(new Error(`${host} has no address`), { code: "ENODATA" }), {
    host,
    sent: "no",
  });
}

function refusedError(host: string, use: string, address?: string): OutboundError {
  return new OutboundError({
    code: "OUTBOUND_ADDRESS_REFUSED",
    message: refusalMessage(host, use, address),
    details: { host, reason: use, sent: "no", ...(address !== undefined && { address }) },
  });
}

function refusalMessage(host: string, use: string, address?: string): string {
  const subject = address === undefined ? host : `${host} resolves to ${address}, which`;
  return `${subject} is a ${use} address and is refused. Use a public address; the operator can allow it by CIDR.`;
}
