import type { Server } from "node:http";
import { isIPv6 } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { StartError } from "../start-error.ts";

export interface ListenerOptions {
  readonly fetch: (request: Request) => Response | Promise<Response>;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

/** An HTTP server that accepts requests. */
export interface Listener {
  /** Where it can be reached from this machine. */
  readonly url: string;
  /** Accepts nothing more, waits for the answers under way for `graceMs`, then cuts what is left. */
  close(graceMs: number): Promise<void>;
}

const SWEEP_MS = 20;

/**
 * Listens for HTTP.
 * @throws StartError when the address cannot be had, naming it and the variable to change
 */
export async function listen({ fetch, host, port }: ListenerOptions): Promise<Listener> {
  const server = createAdaptorServer({ fetch }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(listenError(error, host, port)));
    server.listen(port, host, resolve);
  });
  const address = server.address();
  const actualPort = typeof address === "object" && address !== null ? address.port : port;
  return { url: `http://${reachable(host)}:${actualPort}`, close: (graceMs) => close(server, graceMs) };
}

async function close(server: Server, graceMs: number): Promise<void> {
  // A connection that becomes idle later is not closed by Node for as long as it is kept alive.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  clearInterval(sweep);
  clearTimeout(cut);
}

function reachable(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return isIPv6(host) ? `[${host}]` : host;
}

function listenError(error: Error, host: string, port: number): Error {
  const code = "code" in error ? error.code : "";
  if (code === "EADDRINUSE") {
    return new StartError(
      `Port ${port} of ${host} is in use. Stop the program that uses it, or choose another: PORT=${port + 1}.`,
    );
  }
  if (code === "EACCES") {
    return new StartError(
      `This user may not listen on port ${port}. Choose one above 1023, such as PORT=3000.`,
    );
  }
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") {
    return new StartError(
      `${host} is not an address of this machine. Choose another, such as HOST=127.0.0.1.`,
    );
  }
  return error;
}
