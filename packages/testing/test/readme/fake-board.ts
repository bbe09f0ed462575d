import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface FakeBoard {
  readonly url: string;
  readonly messages: readonly BoardMessage[];
  close(): void;
}

interface BoardMessage {
  readonly room: string;
  readonly text: string;
  readonly note: string;
}

/** A message board on loopback: POST and GET of `/rooms/{room}/messages`. */
export async function startFakeBoard(token: string): Promise<FakeBoard> {
  const messages: BoardMessage[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const room = request.url?.split("/")[2] ?? "";
    const body = Buffer.concat(await request.toArray()).toString();
    const isKnown = request.headers.authorization === `Bearer ${token}`;
    if (isKnown && request.method === "POST") messages.push({ ...JSON.parse(body), room });
    response.statusCode = isKnown ? 200 : 401;
    response.end(JSON.stringify(isKnown ? messages.filter((message) => message.room === room) : []));
  };
  const server = createServer((request, response) => void answer(request, response));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, messages, close: () => void server.close() };
}
