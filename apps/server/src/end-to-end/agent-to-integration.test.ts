import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type {
  AnyHookListener,
  Delivery,
  FileRef,
  HookName,
  HookSubscription,
  Integration,
} from "@core/registry";
import { defineIntegration, delivered, silentLogger } from "@core/registry";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { readConfiguration } from "../configuration.ts";
import type { RunningServer } from "../server.ts";
import { startServer } from "../server.ts";
import { eventually } from "../testing/eventually.ts";
import { startOpenAiEndpoint } from "../testing/openai-endpoint.ts";
import type { Receiver } from "../testing/receiver.ts";
import { startReceiver } from "../testing/receiver.ts";
import { makeDataDir } from "../testing/server-process.ts";

const API_KEY = "a-key-of-these-tests";
const PUBLIC_URL = "https://agents.example.org";
const scene = {
  scenes: [
    {
      steps: [
        { text: "You said " },
        { text: "{{prompt}}." },
        { tool: "search", args: { q: "numbers" }, result: 42 },
        { tool: "delete", args: { all: true } },
        { file: { name: "report.csv", content_type: "text/csv", text: "answer\n42\n" } },
        { text: " Done." },
      ],
    },
  ],
};
const events: readonly HookName[] = [
  "before_context_assembly",
  "before_llm_call",
  "after_llm_call",
  "before_tool_execution",
  "after_tool_call",
  "after_response",
  "after_task_complete",
];

interface Seen {
  readonly hooks: {
    readonly event: string;
    readonly data: Record<string, unknown>;
    readonly whose: unknown;
  }[];
  readonly deliveries: Delivery[];
  readonly files: string[];
}

describe("a script's run in a server with an integration of one's own", () => {
  const seen: Seen = { hooks: [], deliveries: [], files: [] };
  let folder: string;
  let server: RunningServer;
  let receiver: Receiver;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "script-"));
    await writeFile(join(folder, "script.json"), JSON.stringify(scene));
    receiver = await startReceiver();
    server = await start(
      {
        AGENT: "script",
        AGENT_SCRIPT: join(folder, "script.json"),
        PUBLIC_URL,
        OUTBOUND_ALLOW: "127.0.0.0/8",
      },
      [watching(seen, { files: true })],
    );
    const origin = { integration: "watcher", ref: { message: 7 } };
    await post(server, { dispatch_type: "watcher", dispatch_config: { room: "r1" }, bot_id: "b1", origin });
    await eventually(() => seen.files.length > 0 && seen.hooks.at(-1)?.event === "after_task_complete");
  });
  afterAll(async () => {
    await server.stop({ graceMs: 0 });
    await receiver.close();
    await rm(folder, { recursive: true });
  });

  it("tells the hooks in order what happened", () => {
    expect(seen.hooks.map(({ event }) => event)).toEqual([
      "before_context_assembly",
      "before_llm_call",
      "after_llm_call",
      "before_tool_execution",
      "after_tool_call",
      "before_tool_execution",
      "after_tool_call",
      "before_llm_call",
      "after_llm_call",
      "after_response",
      "after_task_complete",
    ]);
  });

  it("tells them the right data", () => {
    const of = (event: HookName): readonly Record<string, unknown>[] =>
      seen.hooks.filter((one) => one.event === event).map(({ data }) => data);
    expect(of("before_llm_call")).toMatchObject([
      { model: "script", iteration: 1 },
      { model: "script", iteration: 2 },
    ]);
    expect(of("before_tool_execution")).toEqual([
      { tool_name: "search", tool_args: { q: "numbers" }, iteration: 1 },
      { tool_name: "delete", tool_args: { all: true }, iteration: 1 },
    ]);
    expect(of("after_tool_call")).toMatchObject([
      { tool_name: "search", result: 42, error: null },
      { tool_name: "delete", result: null, error: expect.stringContaining("nothing is deleted here") },
    ]);
    expect(of("after_response")).toEqual([
      { response_length: "You said HELLO. Done.".length, tool_calls_made: 2, error: false },
    ]);
    expect(of("after_task_complete")).toMatchObject([
      { task_type: "agent", reason: "api", status: "complete" },
    ]);
    for (const { whose } of seen.hooks) {
      expect(whose).toMatchObject({ bot_id: "b1", origin: { integration: "watcher", ref: { message: 7 } } });
    }
  });

  it("gives a dispatcher with the capability its files", () => {
    expect(seen.deliveries).toMatchObject([
      {
        kind: "task_result",
        payload: { result: { files: [{ name: "report.csv", content_type: "text/csv" }] } },
      },
    ]);
    expect(seen.files).toEqual(["answer\n42\n"]);
  });

  it("gives a webhook links that open the file without a key", async () => {
    await post(server, { dispatch_type: "webhook", dispatch_config: { url: receiver.url } });
    const [request] = await receiver.received(1);
    const { files } = JSON.parse(request?.body ?? "") as { files: (FileRef & { url: string })[] };
    expect(files).toMatchObject([{ name: "report.csv", size: 10, url: expect.stringContaining(PUBLIC_URL) }]);
    const response = await fetch((files[0]?.url ?? "").replace(PUBLIC_URL, server.url));
    expect(response.headers.get("content-disposition")).toContain("report.csv");
    expect(await response.text()).toBe("answer\n42\n");
  });
});

it.each([
  ["a link", { PUBLIC_URL }, ": https://agents.example.org/api/v1/files/"],
  ["a note", {}, " is kept with the task on the server."],
])("a dispatcher that cannot carry files gets %s in the text", async (_, env, expected) => {
  const folder = await mkdtemp(join(tmpdir(), "script-"));
  await writeFile(join(folder, "script.json"), JSON.stringify(scene));
  const seen: Seen = { hooks: [], deliveries: [], files: [] };
  const server = await start({ AGENT: "script", AGENT_SCRIPT: join(folder, "script.json"), ...env }, [
    watching(seen, {}),
  ]);
  await post(server, { dispatch_type: "watcher", dispatch_config: { room: "r1" } });
  const [delivery] = await eventually(() => seen.deliveries.length > 0 && seen.deliveries);
  expect(delivery?.payload).toMatchObject({
    result: { text: expect.stringContaining(`Done.\n\nreport.csv (10 bytes)${expected}`), files: [] },
  });
  await server.stop({ graceMs: 0 });
  await rm(folder, { recursive: true });
});

describe("an integration in a server", () => {
  it("starts before work is taken up, and stops after it, once however often the server is told", async () => {
    const steps: string[] = [];
    const server = await start({}, [living(steps)]);
    await post(server, { dispatch_type: "watcher", dispatch_config: { room: "r1" } });
    await eventually(() => steps.includes("delivered"));
    await Promise.all([server.stop({ graceMs: 0 }), server.stop({ graceMs: 0 })]);
    expect(steps).toEqual(["setup", "start", "delivered", "stop"]);
  });

  it("that still starts when the server gives up is aborted and stopped", async () => {
    const steps: string[] = [];
    const giveUp = new AbortController();
    const hanging = living(steps, (signal) => {
      giveUp.abort(new Error("The server was told to stop."));
      return new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason as Error)),
      );
    });
    await expect(start({}, [hanging], giveUp.signal)).rejects.toThrow("told to stop");
    expect(steps).toEqual(["setup", "start", "stop"]);
  });
});

it("a model's answer, its cost and its hooks reach the task and the integrations", async () => {
  const seen: Seen = { hooks: [], deliveries: [], files: [] };
  const endpoint = await startOpenAiEndpoint({ text: ["Hel", "lo."] });
  const server = await start(
    {
      AGENT: "openai-compatible",
      AGENT_BASE_URL: endpoint.baseUrl,
      AGENT_MODEL: "small",
      AGENT_API_KEY: "sk-1",
    },
    [watching(seen, {})],
  );
  const { id } = await post(server, {});
  const ended = (): boolean => seen.hooks.at(-1)?.event === "after_task_complete";
  await eventually(ended);
  expect(await read(server, id)).toMatchObject({
    status: "complete",
    result: { text: "Hello.", usage: { input_tokens: 10, output_tokens: 5 } },
  });
  expect(endpoint.requests).toMatchObject([
    { headers: { authorization: "Bearer sk-1" }, body: { model: "small", stream: true } },
  ]);
  expect(JSON.stringify(endpoint.requests[0]?.body.messages)).toContain("HELLO");
  expect(seen.hooks.map(({ event }) => event)).toEqual([
    "before_context_assembly",
    "before_llm_call",
    "after_llm_call",
    "after_response",
    "after_task_complete",
  ]);
  expect(seen.hooks[2]?.data).toMatchObject({ model: "small", input_tokens: 10, output_tokens: 5 });
  await server.stop({ graceMs: 0 });
  await endpoint.close();
});

async function start(
  env: Record<string, string>,
  integrations: readonly Integration[],
  signal?: AbortSignal,
): Promise<RunningServer> {
  const dataDir = await makeDataDir();
  const remove = (): Promise<void> => rm(dataDir, { recursive: true, force: true });
  const environment = { PORT: "0", DATA_DIR: dataDir, API_KEY, ...env };
  const server = await startServer({
    configuration: readConfiguration(environment),
    environment,
    integrations,
    version: "0",
    logger: silentLogger,
    onSecret: () => undefined,
    onApiKeyMade: () => undefined,
    onListening: () => undefined,
    onConflict: () => undefined,
    ...(signal && { signal }),
  }).catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  return {
    url: server.url,
    async stop(options) {
      await server.stop(options);
      await remove();
    },
  };
}

/** An integration that notes the steps of its life. */
function living(
  steps: string[],
  starting: (signal: AbortSignal) => Promise<void> = async () => {},
): Integration {
  return defineIntegration({
    type: "watcher",
    apiVersion: 1,
    dispatcher: { target: z.strictObject({ room: z.string() }) },
    setup: () => {
      steps.push("setup");
      return {
        start: (signal) => (steps.push("start"), starting(signal)),
        stop: async () => void steps.push("stop"),
        deliver: async () => (steps.push("delivered"), delivered()),
      };
    },
  });
}

/** An integration that sees everything, makes prompts loud and lets nothing be deleted. */
function watching(seen: Seen, capabilities: { readonly files?: boolean }): Integration {
  return defineIntegration({
    type: "watcher",
    apiVersion: 1,
    dispatcher: { target: z.strictObject({ room: z.string() }), capabilities },
    setup: ({ files }) => ({
      async deliver(delivery) {
        seen.deliveries.push(delivery);
        const refs = delivery.kind === "task_result" ? delivery.payload.result.files : [];
        for (const ref of refs) {
          const stream = await files.open(ref);
          seen.files.push(stream === null ? "gone" : await text(stream));
        }
        return delivered();
      },
      hooks: events.map((event) => subscription(event, seen)),
    }),
  });
}

function subscription(event: HookName, seen: Seen): HookSubscription {
  const listener: AnyHookListener = ({ data, context }) => {
    const fields = data as Record<string, unknown>;
    seen.hooks.push({ event, data: fields, whose: context });
    if (event === "before_context_assembly")
      return { ...fields, user_message: String(fields["user_message"]).toUpperCase() };
    if (fields["tool_name"] === "delete") return { allow: false, reason: "nothing is deleted here" };
    return undefined;
  };
  return { event, listener } as HookSubscription;
}

async function post(server: RunningServer, fields: object): Promise<{ readonly id: string }> {
  const response = await fetch(`${server.url}/api/v1/tasks`, {
    method: "POST",
    headers: { authorization: `Bearer ${API_KEY}`, "content-type": "application/json" },
    body: JSON.stringify({ prompt: "hello", ...fields }),
  });
  expect(response.status).toBe(201);
  return (await response.json()) as { id: string };
}

async function read(server: RunningServer, id: string): Promise<unknown> {
  const headers = { authorization: `Bearer ${API_KEY}` };
  return (await fetch(`${server.url}/api/v1/tasks/${id}`, { headers })).json();
}
