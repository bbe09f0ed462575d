import { eventually } from "./eventually.ts";

/** A client of server-sent events. */
export interface EventSourceClient {
  readonly events: readonly ReceivedEvent[];
  /** The place that the client has come to, also by events that it did not ask for. */
  readonly lastEventId: string;
  /** Comments, such as those that keep the connection alive. */
  readonly comments: readonly string[];
  /** Resolves with the first event of this type, once it has come. */
  until(type: string): Promise<ReceivedEvent>;
  /** Resolves when the server has ended the answer; rejects when the connection broke. */
  readonly ended: Promise<void>;
  hangUp(): void;
}

interface ReceivedEvent {
  readonly id: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Opens a stream of events over HTTP and reads it as the standard says. */
export async function openEvents(
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<EventSourceClient> {
  const controller = new AbortController();
  const response = await fetch(url, { headers, signal: controller.signal });
  if (response.status !== 200 || response.body === null)
    throw new Error(`${response.status} ${await response.text()}`);
  const events: ReceivedEvent[] = [];
  const comments: string[] = [];
  let lastEventId = "";
  const ended = read(response.body);
  ended.catch(() => {});
  return {
    events,
    comments,
    get lastEventId() {
      return lastEventId;
    },
    until: (type) => eventually(() => events.find((event) => event.type === type)),
    ended,
    hangUp: () => controller.abort(),
  };

  async function read(body: ReadableStream<Uint8Array>): Promise<void> {
    let text = "";
    const decoder = new TextDecoder();
    for await (const chunk of body) {
      const blocks = (text + decoder.decode(chunk, { stream: true })).split("\n\n");
      text = blocks.pop() ?? "";
      blocks.forEach(receive);
    }
  }

  function receive(block: string): void {
    const fields = new Map(block.split("\n").map((line) => line.split(/: (.*)/s, 2) as [string, string]));
    lastEventId = fields.get("id") ?? lastEventId;
    const comment = fields.get("") ?? fields.get(":");
    if (comment !== undefined) comments.push(comment);
    const data = fields.get("data");
    if (data === undefined) return;
    events.push({
      id: lastEventId,
      type: fields.get("event") ?? "message",
      data: JSON.parse(data) as ReceivedEvent["data"],
    });
  }
}
