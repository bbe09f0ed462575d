import type { Clock } from "@core/registry";
import type { WebSocket } from "ws";

/** The sockets that an app has opened. */
export interface SocketLines {
  add(socket: WebSocket, appId: string, listener: LineListener): void;
  /** Gives a frame to any one of them, each in its turn; false when there is none. */
  transmit(envelopeId: string, frame: object): boolean;
  count(): number;
  /** Resolves when at least so many are open. */
  connected(count: number): Promise<void>;
  refresh(count: number): void;
  goDeaf(): void;
  sendFrame(text: string): void;
  drop(): void;
}

interface LineListener {
  readonly onMessage: (text: string) => void;
  /** With the envelopes that it carried. */
  readonly onClosed: (envelopeIds: ReadonlySet<string>) => void;
}

export function createSocketLines(clock: Clock): SocketLines {
  const lines: Line[] = [];
  let waiters: { readonly count: number; readonly resolve: () => void }[] = [];
  const open = (): readonly Line[] => lines.filter(({ isLeaving }) => !isLeaving);

  return {
    add(socket, appId, { onMessage, onClosed }) {
      if (lines.length >= MOST_SOCKETS) return refuse(socket);
      const line: Line = { socket, carried: new Set(), isLeaving: false, isDeaf: false, cancel() {} };
      lines.unshift(line);
      socket.on("message", (data: Buffer) => onMessage(data.toString()));
      socket.on("close", () => {
        line.cancel();
        lines.splice(lines.indexOf(line), 1);
        onClosed(line.carried);
      });
      socket.send(JSON.stringify(helloOf(appId, lines.length)));
      for (const { count, resolve } of waiters) if (open().length >= count) resolve();
      waiters = waiters.filter(({ count }) => open().length < count);
    },
    transmit(envelopeId, frame) {
      const [line] = open();
      if (line === undefined) return false;
      lines.push(...lines.splice(lines.indexOf(line), 1));
      line.carried.add(envelopeId);
      if (!line.isDeaf) line.socket.send(JSON.stringify(frame));
      return true;
    },
    count: () => open().length,
    async connected(count) {
      if (open().length < count) await new Promise<void>((resolve) => waiters.push({ count, resolve }));
    },
    refresh: (count) =>
      open()
        .slice(0, count)
        .forEach((line) => askToLeave(line, clock)),
    goDeaf() {
      for (const line of lines) line.isDeaf = true;
    },
    sendFrame: (text) => lines.forEach(({ socket }) => socket.send(text)),
    drop() {
      for (const line of lines) line.isLeaving = true;
      for (const { socket } of lines) socket.terminate();
    },
  };
}

interface Line {
  readonly socket: WebSocket;
  readonly carried: Set<string>;
  /** It was asked to reconnect, and gets nothing more. */
  isLeaving: boolean;
  isDeaf: boolean;
  cancel: () => void;
}

const MOST_SOCKETS = 10;
const GONE_AFTER_MS = 10_000;
const DEBUG_INFO = { host: "fake-slack" };

function helloOf(appId: string, connections: number): object {
  const debug = { ...DEBUG_INFO, build_number: 1, approximate_connection_time: 18_060 };
  return {
    type: "hello",
    num_connections: connections,
    connection_info: { app_id: appId },
    debug_info: debug,
  };
}

function refuse(socket: WebSocket): void {
  socket.send(JSON.stringify({ type: "disconnect", reason: "too_many_websockets", debug_info: DEBUG_INFO }));
  socket.close();
}

/** Slack closes a socket itself that does not go when it is asked to. */
function askToLeave(line: Line, clock: Clock): void {
  line.isLeaving = true;
  const asked = { type: "disconnect", reason: "refresh_requested", debug_info: DEBUG_INFO };
  line.socket.send(JSON.stringify(asked));
  line.cancel = clock.after(GONE_AFTER_MS, () => line.socket.close());
}
