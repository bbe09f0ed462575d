import type { CallToolResult } from "@modelcontextprotocol/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Listener } from "../http/listener.ts";
import { listen } from "../http/listener.ts";
import { createTestApp, TEST_KEY } from "../testing/test-app.ts";
import { fakeTool } from "../testing/fake-tool.ts";
import { mcpServerFactory } from "./mcp-server.ts";
import { openServerTools } from "./server-tools.ts";

const { signal } = new AbortController();
let listener: Listener;
let peer: Parameters<typeof openServerTools>[0];

beforeAll(async () => {
  const answer: CallToolResult = { content: [{ type: "text", text: "{}" }], structuredContent: {} };
  const echo = fakeTool("echo", async (args) => ({ ...answer, structuredContent: { args } }));
  const broken = fakeTool("broken", async () => ({
    content: [{ type: "text", text: "No." }],
    isError: true,
  }));
  const { app } = createTestApp({ mcp: mcpServerFactory({ tools: [echo, broken], version: "1.0.0" }) });
  listener = await listen({ fetch: app.fetch, host: "127.0.0.1", port: 0 });
  peer = { url: listener.url, apiKey: TEST_KEY, pid: 42, version: "1.0.0" };
});
afterAll(() => listener.close(0));

describe("the tools of a running server", () => {
  test("are those that it lists", async () => {
    const { tools, place } = await openServerTools(peer);
    expect(tools[0]).toEqual({ ...fakeTool("echo"), call: expect.any(Function) });
    expect(tools.map(({ name }) => name)).toEqual(["echo", "broken"]);
    expect(place).toBe(`the server at ${listener.url}`);
  });

  test("are called there, and answer as they answer there", async () => {
    const { tools } = await openServerTools(peer);
    const answers = await Promise.all(tools.map((tool) => tool.call({ a: 1 }, { signal })));
    expect(answers).toEqual([
      { content: [{ type: "text", text: "{}" }], structuredContent: { args: { a: 1 } } },
      { content: [{ type: "text", text: "No." }], isError: true },
    ]);
  });

  test("are not opened with a wrong key, at another version's server, or where nobody listens", async () => {
    await expect(openServerTools({ ...peer, apiKey: "wrong" })).rejects.toThrow("API_KEY");
    await expect(openServerTools({ ...peer, url: `${peer.url}/older` })).rejects.toThrow("another version");
    const { url, close } = await listen({ fetch: () => new Response(), host: "127.0.0.1", port: 0 });
    await close(0);
    const gone = openServerTools({ ...peer, url });
    await expect(gone).rejects.toMatchObject({
      message: expect.stringContaining("no server answers"),
      mayHaveArrived: false,
    });
  });
});
