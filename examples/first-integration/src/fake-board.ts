import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

export interface Note {
  readonly id: string;
  readonly key: string;
  readonly author: string;
  readonly text: string;
}

/** A service of boards on the loopback address, as far as the integration needs it. */
export interface FakeBoard {
  readonly url: string;
  readonly notes: readonly Note[];
  close(): void;
}

export async function startFakeBoard(token: string): Promise<FakeBoard> {
  const notes: Note[] = [];
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, notes, close: () => server.close() };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.headers.authorization !== `Bearer ${token}`) return void response.writeHead(401).end();
    if (request.method === "GET") return void response.end(JSON.stringify(notes));
    const id = `note-${notes.length + 1}`;
    notes.push({ id, ...((await json(request)) as Omit<Note, "id">) });
    response.writeHead(201).end(id);
  }
}
