import { isIP } from "node:net";
import {
  localhostAllowedHostnames,
  validateHostHeader,
  validateOriginHeader,
} from "@modelcontextprotocol/server";
import type { MiddlewareHandler } from "hono";
import { ProblemError } from "./problem.ts";

export interface CallerGuardOptions {
  /** The address that the server is bound to. */
  readonly host: string;
  readonly publicUrl: string | null;
}

/**
 * Refuses what a page of a stranger makes a browser send: a request for a name that is not this server's, as one whose
 * DNS was bent to this machine, or one from another site. Programs send no Origin.
 */
export function callerGuard({ host, publicUrl }: CallerGuardOptions): MiddlewareHandler {
  const known = [
    ...localhostAllowedHostnames(),
    hostnameOf(host),
    ...(publicUrl === null ? [] : [new URL(publicUrl).hostname]),
  ];
  const isForAll = host === "0.0.0.0" || host === "::";
  return async ({ req }, next) => {
    const asked = validateHostHeader(req.header("host"), known);
    // DNS has no part in an address.
    if (!asked.ok && !(isForAll && isAddress(asked.hostname))) throw hostRefused(asked.hostname);
    const from = validateOriginHeader(req.header("origin"), known);
    if (!from.ok) throw originRefused(from.hostname);
    await next();
  };
}

/** As a URL has it: IPv6 in brackets. */
function hostnameOf(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host.toLowerCase();
}

function isAddress(hostname = ""): boolean {
  return isIP(hostname.replace(/^\[(.*)\]$/, "$1")) !== 0;
}

function hostRefused(hostname = "(none)"): ProblemError {
  return new ProblemError(
    "HOST_REFUSED",
    `This server does not go by the name ${hostname}. Call it by localhost or its address, or set PUBLIC_URL to where it is reached.`,
  );
}

function originRefused(hostname = "(none)"): ProblemError {
  return new ProblemError(
    "ORIGIN_REFUSED",
    `Pages of ${hostname} may not call this server. Only pages of this machine and of PUBLIC_URL may.`,
  );
}
