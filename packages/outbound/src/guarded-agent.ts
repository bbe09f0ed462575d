import type { LookupFunction, Socket } from "node:net";
import { Agent, buildConnector } from "undici";
import type { AddressGuard } from "./address-guard.ts";
import { OutboundError } from "./errors.ts";

export interface GuardedAgentOptions {
  readonly connectTimeoutMs: number;
  readonly keepAliveMs: number;
  readonly ca?: string | readonly string[];
}

/**
 * One pool of connections whose every connection goes to an address the guard has allowed: names are resolved,
 * checked and pinned in the same step, so that a second answer of DNS is never asked for.
 */
export function createGuardedAgent(guard: AddressGuard, options: GuardedAgentOptions): Agent {
  return new Agent({
    connect: guardedConnector(guard, options),
    keepAliveTimeout: options.keepAliveMs,
    // A receiver's own Keep-Alive hint may shorten this time, not lengthen it.
    keepAliveMaxTimeout: options.keepAliveMs,
    // The deadline of each request covers headers and body.
    headersTimeout: 0,
    bodyTimeout: 0,
    pipelining: 1,
  });
}

function guardedConnector(guard: AddressGuard, options: GuardedAgentOptions): buildConnector.connector {
  const connect = buildConnector({
    timeout: options.connectTimeoutMs,
    lookup: pinnedLookup(guard),
    autoSelectFamily: true,
    allowH2: false,
    minVersion: "TLSv1.2",
    ...(options.ca !== undefined && { ca: [options.ca].flat() }),
  });
  return (target, callback) => {
    connect(target, (...outcome) => {
      const [error, socket] = outcome;
      if (error !== null) return callback(error, null);
      const refused = peerRefusal(guard, socket);
      if (refused === null) return callback(null, socket);
      socket.destroy();
      return callback(refused, null);
    });
  };
}

/** node:net asks here for the addresses to try, and connects to none that is not in the answer. */
function pinnedLookup(guard: AddressGuard): LookupFunction {
  return (hostname, options, callback) => {
    async function answer(): Promise<void> {
      const [checked] = await Promise.allSettled([guard.checkHost(hostname)]);
      if (checked.status === "rejected") return callback(checked.reason, []);
      const [first] = checked.value;
      return options.all
        ? callback(null, [...checked.value])
        : callback(null, first?.address ?? "", first?.family);
    }
    void answer();
  };
}

/** node:net calls no lookup for literals. They are refused before; this holds whatever path led to the socket. */
function peerRefusal(guard: AddressGuard, socket: Socket): OutboundError | null {
  const address = socket.remoteAddress ?? "";
  const reason = guard.refusal(address);
  if (reason === null) return null;
  return new OutboundError({
    code: "OUTBOUND_ADDRESS_REFUSED",
    message: `The connection ended at ${address}, a ${reason} address, and was closed. The operator can allow it by CIDR.`,
    details: { address, reason, sent: "no" },
  });
}
