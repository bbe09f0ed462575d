import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Clock } from "@core/registry";
import { WebSocketServer } from "ws";
import type { Method } from "./api-call.ts";
import { accepted, jsonArgument } from "./api-call.ts";
import type { Envelopes } from "./envelopes.ts";
import { createEnvelopes } from "./envelopes.ts";
import { createSocketLines } from "./socket-lines.ts";

/** The sockets over which Slack tells an app what happens. */
export interface FakeSockets extends Pick<Envelopes, "sent" | "send" | "loseAcks" | "redeliver" | "settled"> {
  /** How many are open. */
  count(): number;
  /** Resolves when at least so many are open, by default one. */
  connected(count?: number): Promise<void>;
  /** Asks so many sockets, by default all, to reconnect, as Slack does every few hours; they get nothing more. */
  refresh(count?: number): void;
  /** The sockets that are open now stay open, and what is told over them never arrives. */
  goDeaf(): void;
  /** Sends a frame to all as it is, such as `null`. */
  sendFrame(text: string): void;
  /** Ends all connections without a word. */
  drop(): void;
}

/** Socket mode's part of the server. */
export interface SocketMode {
  readonly sockets: FakeSockets;
  readonly methods: Readonly<Record<string, Method>>;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Forgets what was told; the sockets stay. */
  reset(): void;
  close(): void;
}

export function createSocketMode(clock: Clock, ownUrl: () => string): SocketMode {
  const server = new WebSocketServer({ noServer: true });
  const tickets = new Set<string>();
  const lines = createSocketLines(clock);
  const envelopes = createEnvelopes(clock, lines.transmit);
  const listener = { onMessage: (text: string) => readAck(text, envelopes), onClosed: envelopes.lose };
  const { sent, send, loseAcks, redeliver, settled } = envelopes;
  const { count, goDeaf, sendFrame, drop } = lines;
  return {
    sockets: {
      sent,
      send,
      loseAcks,
      redeliver,
      settled,
      count,
      goDeaf,
      sendFrame,
      drop,
      connected: (least = 1) => lines.connected(least),
      refresh: (most = Infinity) => lines.refresh(most),
    },
    methods: {
      "apps.connections.open": ({ caller }) =>
        accepted({ url: openTicket(tickets, ownUrl(), caller.appId ?? "") }),
    },
    upgrade(request, socket, head) {
      const { searchParams } = new URL(request.url ?? "", ownUrl());
      if (!tickets.delete(searchParams.get("ticket") ?? "")) return void socket.destroy();
      server.handleUpgrade(request, socket, head, (opened) => {
        lines.add(opened, searchParams.get("app_id") ?? "", listener);
        envelopes.resume();
      });
    },
    reset: envelopes.reset,
    close() {
      envelopes.reset();
      lines.drop();
      server.close();
    },
  };
}

/** An address that opens one socket. */
function openTicket(tickets: Set<string>, ownUrl: string, appId: string): string {
  const ticket = crypto.randomUUID();
  tickets.add(ticket);
  return `${ownUrl.replace(/^http/, "ws")}/link/?ticket=${ticket}&app_id=${appId}`;
}

function readAck(text: string, envelopes: Envelopes): void {
  const ack = jsonArgument(text);
  if (typeof ack !== "object" || ack === null || !("envelope_id" in ack)) return;
  envelopes.acknowledge(String(ack.envelope_id), "payload" in ack ? ack.payload : undefined);
}
