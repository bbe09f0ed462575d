import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** One call, as the receiver saw it. */
export interface Arrival {
  /** Of the delivery. */
  readonly id: string;
  /** Null: it stands in none. */
  readonly line: string | null;
  /** Its number in that line. */
  readonly place: number;
}

/** A receiver on loopback that writes down every call and takes a while to answer. */
export interface DeliveryReceiver {
  readonly url: string;
  readonly arrivals: readonly Arrival[];
  close(): Promise<void>;
}

export async function startDeliveryReceiver(answerMs: () => number): Promise<DeliveryReceiver> {
  const arrivals: Arrival[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    request.on("end", () => {
      arrivals.push(JSON.parse(text) as Arrival);
      setTimeout(() => response.writeHead(204).end(), answerMs());
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrivals,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
