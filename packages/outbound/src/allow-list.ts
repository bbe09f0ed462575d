import { OutboundError } from "./errors.ts";
import { parseIpAddress, unmapped } from "./ip-address.ts";
import type { AddressRange } from "./special-range.ts";

/**
 * Reads the blocks an operator allows, such as `10.0.0.0/8` or `fd00::/8`; a bare address means itself alone.
 * @throws OUTBOUND_CIDR_INVALID naming the first one that cannot be read.
 */
export function parseAllowList(cidrs: readonly string[]): AddressRange[] {
  return cidrs.map((cidr) => {
    const [address = "", prefix, ...rest] = cidr.trim().split("/");
    const network = parseIpAddress(address);
    if (network === null || rest.length > 0) throw cidrError(cidr);
    const width = network.kind() === "ipv6" ? 128 : 32;
    const bits = prefix === undefined ? width : prefixLength(prefix);
    if (bits === null || bits > width) throw cidrError(cidr);

    // A block of mapped addresses is a block of IPv4: addresses are compared without their mapped spelling.
    const bare = bits >= 96 ? unmapped(network) : network;
    return [bare, bare === network ? bits : bits - 96];
  });
}

function prefixLength(text: string): number | null {
  return /^\d{1,3}$/.test(text) ? Number(text) : null;
}

function cidrError(cidr: string): OutboundError {
  return new OutboundError({
    code: "OUTBOUND_CIDR_INVALID",
    message: `"${cidr}" is not a block of addresses. Write it like 10.0.0.0/8 or fd00::/8.`,
    details: { cidr },
  });
}
