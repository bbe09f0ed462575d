import { createServer } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";

/** What an endpoint answers a request with: a stream of chunks, or a plain document where `status` is set. */
export interface EndpointAnswer {
  /** The deltas of the text. */
  readonly text?: readonly string[];
  /** Arguments are JSON as a model writes it, in two chunks. */
  readonly toolCalls?: readonly { readonly name: string; readonly arguments: string }[];
  /** Chunks sent as they are, after those above. */
  readonly chunks?: readonly string[];
  /** Null: it does not count. Default: 10 and 5. */
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number } | null;
  /** How the stream ends. `hang`: not at all; `drop`: the connection breaks. Default `done`. */
  readonly ending?: "done" | "hang" | "drop";
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface EndpointRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The JSON that was posted. */
  readonly body: EndpointRequestBody;
  /** Whether the caller went away before the answer had ended. */
  readonly gone: () => boolean;
}

interface EndpointRequestBody {
  readonly model?: string;
  readonly messages?: readonly Readonly<Record<string, unknown>>[];
  readonly [field: string]: unknown;
}

/** An endpoint on the loopback address that is compatible with OpenAI's chat completions. */
export interface OpenAiEndpoint extends AsyncDisposable {
  /** To be used as AGENT_BASE_URL. */
  readonly baseUrl: string;
  readonly requests: readonly EndpointRequest[];
  close(): Promise<void>;
}

/** Starts an endpoint; the first request gets the first answer, and the last answer stays. */
export async function startOpenAiEndpoint(...answers: readonly EndpointAnswer[]): Promise<OpenAiEndpoint> {
  const requests: EndpointRequest[] = [];
  const server = createServer((request, response) => {
    void read(request).then((body) => {
      const answer = answers[Math.min(requests.length, answers.length - 1)] ?? {};
      const gone = (): boolean => response.destroyed && !response.writableFinished;
      requests.push({ path: request.url ?? "", headers: request.headers, body, gone });
      return send(response, answer, body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { baseUrl: `http://127.0.0.1:${port}/v1`, requests, close, [Symbol.asyncDispose]: close };
}

async function read(request: IncomingMessage): Promise<EndpointRequestBody> {
  let text = "";
  for await (const part of request.setEncoding("utf8")) text += String(part);
  return JSON.parse(text) as EndpointRequestBody;
}

async function send(
  response: ServerResponse,
  answer: EndpointAnswer,
  body: EndpointRequestBody,
): Promise<void> {
  if (answer.status !== undefined) {
    response.writeHead(answer.status, answer.headers).end(answer.body ?? "");
    return;
  }
  const events = eventsOf(answer, body.model ?? "");
  if (events.length > 0) response.writeHead(200, { "content-type": "text/event-stream" });
  for (const event of events) {
    await new Promise<void>((resolve) => response.write(`data: ${event}\n\n`, () => resolve()));
  }
  if (answer.ending === "drop") response.destroy();
  else if (answer.ending !== "hang") response.end("data: [DONE]\n\n");
}

function eventsOf(answer: EndpointAnswer, model: string): readonly string[] {
  const {
    text = [],
    toolCalls = [],
    chunks = [],
    usage = { prompt_tokens: 10, completion_tokens: 5 },
  } = answer;
  const chunk = (fields: object): string =>
    JSON.stringify({
      id: "chat-1",
      object: "chat.completion.chunk",
      created: 1,
      model,
      choices: [],
      ...fields,
    });
  const delta = (fields: object, finish_reason: string | null = null): string =>
    chunk({ choices: [{ index: 0, delta: fields, finish_reason }] });
  const said = [
    ...text.map((content) => delta({ role: "assistant", content })),
    ...toolCalls.flatMap((call, index) =>
      toolDeltas(call, index).map((fields) => delta({ tool_calls: [fields] })),
    ),
    ...chunks,
  ];
  if (answer.ending === "hang" || answer.ending === "drop") return said;
  const finish = delta({}, toolCalls.length > 0 ? "tool_calls" : "stop");
  return [...said, finish, ...(usage === null ? [] : [chunk({ usage })])];
}

function toolDeltas(
  { name, arguments: args }: { readonly name: string; readonly arguments: string },
  index: number,
): readonly object[] {
  const half = Math.ceil(args.length / 2);
  return [
    { index, id: `call-${index + 1}`, type: "function", function: { name, arguments: args.slice(0, half) } },
    { index, function: { arguments: args.slice(half) } },
  ];
}
