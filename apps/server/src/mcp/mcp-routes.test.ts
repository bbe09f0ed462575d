import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { App } from "../http/app-env.ts";
import type { Listener } from "../http/listener.ts";
import { listen } from "../http/listener.ts";
import type { ConformanceRun } from "../testing/conformance-run.ts";
import { runConformance } from "../testing/conformance-run.ts";
import { conformanceServers } from "../testing/conformance-servers.ts";
import { fakeTool } from "../testing/fake-tool.ts";
import type { KeyedProxy } from "../testing/keyed-proxy.ts";
import { startKeyedProxy } from "../testing/keyed-proxy.ts";
import { createTestApp, TEST_KEY } from "../testing/test-app.ts";
import { mcpServerFactory } from "./mcp-server.ts";

let listener: Listener;
let proxy: KeyedProxy;
beforeAll(async () => {
  const { app } = createTestApp({ mcp: conformanceServers });
  listener = await listen({ fetch: app.fetch, host: "127.0.0.1", port: 0 });
  proxy = await startKeyedProxy(listener.url, TEST_KEY);
});
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await listener.close(0);
});

/** The scenarios of the official runner that look at how tools are hosted; the others look at what tools answer. */
const hosting = {
  "2026-07-28": [
    "server-stateless",
    "http-header-validation",
    "dns-rebinding-protection",
    "server-sse-multiple-streams",
    "tools-list",
    "resources-list",
    "prompts-list",
    "caching",
    "tools-call-simple-text",
    "tools-call-error",
    "tools-call-with-progress",
    "sep-2164-resource-not-found",
    "input-required-result-unsupported-methods",
  ],
  "2025-11-25": [
    "server-initialize",
    "ping",
    "dns-rebinding-protection",
    "tools-list",
    "tools-call-simple-text",
    "tools-call-error",
    "tools-call-with-progress",
    "logging-set-level",
  ],
};

describe.each(Object.entries(hosting))("hosted as the revision of %s wants it", (revision, scenarios) => {
  let run: ConformanceRun;
  beforeAll(async () => {
    run = await runConformance(`${proxy.url}/mcp`, revision);
  }, 60_000);

  test.each(scenarios)("%s", (scenario) => {
    expect(run.failures(scenario)).toEqual([]);
  });
});

describe("a server", () => {
  const params = (name?: string): object => ({
    ...(name !== undefined && { name, arguments: {} }),
    _meta: {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientCapabilities": {},
    },
  });

  test("that stops ends subscriptions, and lets calls end by themselves", async () => {
    const closing = new AbortController();
    const call = Promise.withResolvers<void>();
    const slow = fakeTool("slow", async () => {
      closing.abort();
      await call.promise;
      return { content: [], structuredContent: { done: true } };
    });
    const mcp = mcpServerFactory({ tools: [slow], version: "1.0.0" });
    const { app } = createTestApp({ mcp, closing: closing.signal });
    const listening = { ...params(), notifications: { toolsListChanged: true } };
    const stream = await ask(app, "subscriptions/listen", listening);
    const answer = ask(app, "tools/call", params("slow"));
    expect(await stream.text()).toContain("subscriptions/acknowledged");
    call.resolve();
    expect(await (await answer).json()).toMatchObject({ result: { structuredContent: { done: true } } });
  });

  test("tells a tool when its caller has gone", async () => {
    const gone = Promise.withResolvers<boolean>();
    const caller = new AbortController();
    const patient = fakeTool("patient", async (_args, { signal }) => {
      signal.addEventListener("abort", () => gone.resolve(true));
      caller.abort();
      await gone.promise;
      return { content: [] };
    });
    const mcp = mcpServerFactory({ tools: [patient], version: "1.0.0" });
    await using served = await serve(createTestApp({ mcp }).app);
    const request = fetch(`${served.url}/mcp`, {
      ...asked("tools/call", params("patient")),
      signal: caller.signal,
    });
    await expect(request).rejects.toThrow("aborted");
    expect(await gone.promise).toBe(true);
  });
});

async function ask(app: App, method: string, params: object): Promise<Response> {
  return app.request("http://localhost/mcp", asked(method, params));
}

function asked(method: string, params: object): RequestInit {
  const name = "name" in params ? { "mcp-name": String(params.name) } : {};
  return {
    method: "POST",
    headers: {
      host: "localhost",
      authorization: `Bearer ${TEST_KEY}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": method,
      ...name,
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  };
}

async function serve(app: App): Promise<{ readonly url: string } & AsyncDisposable> {
  const { url, close } = await listen({ fetch: app.fetch, host: "127.0.0.1", port: 0 });
  return { url, [Symbol.asyncDispose]: () => close(0) };
}
