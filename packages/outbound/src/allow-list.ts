import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { OutboundError } from "./errors.ts";
import type { AddressRange } from "./special-range.ts";

/**
 * Reads the blocks an operator allows, such as `10.0.0.0/8` or `fd00::/8`; a bare address means itself alone.
 * @throws OUTBOUND_CIDR_INVALID naming the first one that cannot be read.
 */
export function parseAllowList(cidrs: readonly string[]): AddressRange[] {
  return cidrs.map((cidr) => {
    const [address = "", bits, ...rest] = cidr.trim().split("/");
    const family = address.includes("%") ? 0 : isIP(address);
    const width = family === 6 ? 128 : 32;
    const length = bits === undefined ? width : prefixLength(bits);
    if (family === 0 || rest.length > 0 || length === null || length > width) throw cidrError(cidr);
    return unmapped(ipaddr.parse(address), length);
  });
}

function prefixLength(bits: string): number | null {
  return /^\d{1,3}$/.test(bits) ? Number(bits) : null;
}

/** Addresses are compared without their IPv4-mapped spelling, so blocks are kept without it too. */
function unmapped(network: ipaddr.IPv4 | ipaddr.IPv6, bits: number): AddressRange {
  const isMapped = network instanceof ipaddr.IPv6 && network.isIPv4MappedAddress() && bits >= 96;
  return isMapped ? [network.toIPv4Address(), bits - 96] : [network, bits];
}

function cidrError(cidr: string): OutboundError {
  return new OutboundError({
    code: "OUTBOUND_CIDR_INVALID",
    message: `"${cidr}" is not a block of addresses. Write it like 10.0.0.0/8 or fd00::/8.`,
    details: { cidr },
  });
}
