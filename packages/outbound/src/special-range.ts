import ipaddr from "ipaddr.js";
import type { IpAddress } from "./ip-address.ts";

/** A block of addresses: its network and the number of leading bits that count. */
export type AddressRange = readonly [IpAddress, number];

/** Names the special use of an address in words that fit "a … address"; null for a public one. */
export function specialUse(address: IpAddress): string | null {
  const table = address.kind() === "ipv4" ? v4Ranges : v6Ranges;
  const found = table.find(({ range }) => inRange(address, range));
  if (found) return found.use;
  return address.kind() === "ipv4" || inRange(address, globalUnicast) ? null : "reserved IPv6";
}

/** Whether an address lies in a block of its own family. */
export function inRange(address: IpAddress, [network, bits]: AddressRange): boolean {
  return address.kind() === network.kind() && address.match(network, bits);
}

// The more particular block stands first. Sources: the IANA special-purpose registries of IPv4 and IPv6,
// and the two addresses under which clouds serve credentials outside the private blocks.
const v4Ranges = namedRanges([
  ["169.254.169.254/32", "cloud metadata"],
  ["168.63.129.16/32", "cloud platform"],
  ["100.100.100.200/32", "cloud metadata"],
  ["0.0.0.0/8", "this-network"],
  ["10.0.0.0/8", "private"],
  ["100.64.0.0/10", "carrier-grade NAT"],
  ["127.0.0.0/8", "loopback"],
  ["169.254.0.0/16", "link-local"],
  ["172.16.0.0/12", "private"],
  ["192.0.0.0/24", "IETF protocol"],
  ["192.0.2.0/24", "documentation"],
  ["192.88.99.0/24", "6to4 relay"],
  ["192.168.0.0/16", "private"],
  ["198.18.0.0/15", "benchmarking"],
  ["198.51.100.0/24", "documentation"],
  ["203.0.113.0/24", "documentation"],
  ["224.0.0.0/4", "multicast"],
  ["255.255.255.255/32", "broadcast"],
  ["240.0.0.0/4", "reserved"],
]);

// Blocks that carry an IPv4 address inside are refused whole: a gateway would unwrap them behind the guard's back.
const v6Ranges = namedRanges([
  ["::/128", "unspecified"],
  ["::1/128", "loopback"],
  ["::ffff:0:0:0/96", "IPv4-translated"],
  ["::/96", "IPv4-compatible"],
  ["64:ff9b::/96", "NAT64"],
  ["64:ff9b:1::/48", "local NAT64"],
  ["100::/16", "discard-only"],
  ["2001::/32", "Teredo"],
  ["2001:2::/48", "benchmarking"],
  ["2001::/23", "IETF protocol"],
  ["2001:db8::/32", "documentation"],
  ["2002::/16", "6to4"],
  ["3fff::/20", "documentation"],
  ["5f00::/16", "segment routing"],
  ["fc00::/7", "unique local"],
  ["fe80::/10", "link-local"],
  ["fec0::/10", "site-local"],
  ["ff00::/8", "multicast"],
]);

const globalUnicast: AddressRange = ipaddr.parseCIDR("2000::/3");

function namedRanges(rows: readonly (readonly [cidr: string, use: string])[]): NamedRange[] {
  return rows.map(([cidr, use]) => ({ range: ipaddr.parseCIDR(cidr), use }));
}

interface NamedRange {
  readonly range: AddressRange;
  readonly use: string;
}
