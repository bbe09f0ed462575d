import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

export type IpAddress = ipaddr.IPv4 | ipaddr.IPv6;

/** Reads an address as node:net writes it; null for anything else, and for one with a zone, which belongs to a single machine. */
export function parseIpAddress(text: string): IpAddress | null {
  const family = text.includes("%") ? 0 : isIP(text);
  if (family === 0) return null;
  return ipaddr.parse(family === 6 ? hexSpelling(text) : text);
}

/** An IPv4-mapped IPv6 address travels as IPv4, so it is judged as that; any other stays what it is. */
export function unmapped(address: IpAddress): IpAddress {
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}

// ipaddr.js reads `::1.2.3.4` as if it were `::ffff:1.2.3.4`; the URL parser spells both out, and differently.
function hexSpelling(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}
