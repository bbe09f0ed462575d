import type { Client } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ConformanceRun } from "../testing/conformance-run.ts";
import { runConformance } from "../testing/conformance-run.ts";
import type { EndedProcess } from "../testing/ended-process.ts";
import type { Inspection } from "../testing/inspector.ts";
import { inspect } from "../testing/inspector.ts";
import { startKeyedProxy } from "../testing/keyed-proxy.ts";
import { connectOverHttp, connectOverStdio, revisions } from "../testing/mcp-clients.ts";
import type { Receiver } from "../testing/receiver.ts";
import { startReceiver } from "../testing/receiver.ts";
import type { ServerProcess } from "../testing/server-process.ts";
import { startServerProcess } from "../testing/server-process.ts";

let server: ServerProcess;
let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
  server = await startServerProcess({ env: { OUTBOUND_ALLOW: "127.0.0.0/8" } });
});
afterAll(async () => {
  await server.dispose();
  await receiver.close();
});

const connections = revisions.flatMap((revision) => [
  { over: "HTTP", revision, connect: () => connectOverHttp(server, revision) },
  {
    over: "stdio",
    revision,
    connect: async () => (await connectOverStdio({ DATA_DIR: server.dataDir }, revision)).client,
  },
]);

describe.each(connections)(
  "a client over $over in the revision of $revision",
  ({ over, revision, connect }) => {
    let client: Client;
    beforeAll(async () => {
      client = await connect();
    });
    afterAll(() => client.close());

    test("finds the eight tools, with schemas and hints", async () => {
      const { tools } = await client.listTools();
      expect(tools).toHaveLength(8);
      for (const tool of tools) {
        expect(tool).toMatchObject({ inputSchema: { type: "object" }, outputSchema: { type: "object" } });
        expect(Object.keys(tool.annotations ?? {})).toHaveLength(4);
      }
    });

    test("registers a webhook of the server, and deletes it again", async () => {
      const url = `${receiver.url}/${over}/${revision}`;
      const registered = await client.callTool({ name: "integration_webhook_register", arguments: { url } });
      const { webhook } = registered.structuredContent as { webhook: { id: string } };
      expect(await known(webhook.id)).toBe(true);
      const args = { webhookId: webhook.id };
      const deleted = await client.callTool({ name: "integration_webhook_delete", arguments: args });
      expect(deleted.structuredContent).toEqual({ removed: true, webhook_id: webhook.id });
      expect(deleted.content).toEqual([{ type: "text", text: JSON.stringify(deleted.structuredContent) }]);
      expect(await known(webhook.id)).toBe(false);
    });

    test("is told what to do instead of giving an address", async () => {
      const args = { channel: "slack", message: "Hello", webhook_url: "https://hooks.example.com/private" };
      const { isError, content } = await client.callTool({ name: "integration_notify", arguments: args });
      expect(isError).toBe(true);
      expect(content).toEqual([{ type: "text", text: expect.stringContaining("`destination`") }]);
    });

    test("is refused a tool that does not exist", async () => {
      await expect(client.callTool({ name: "integration_format_disk", arguments: {} })).rejects.toThrow(
        "not found",
      );
    });
  },
);

/** Whether the server itself has a webhook. */
async function known(id: string): Promise<boolean> {
  const response = await server.request("/api/v1/integrations/webhooks");
  const { items } = (await response.json()) as { items: { id: string }[] };
  return items.some((webhook) => webhook.id === id);
}

describe("the Inspector's command line", () => {
  const targets = { HTTP: httpTarget, stdio: () => ({}) };

  test.each(Object.entries(targets))("has nothing against the tools over %s", async (_name, target) => {
    const { code, stdout, stderr } = await inspected(target(), "tools/list", "--strict");
    expect([code, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout)).toMatchObject({ result: { tools: { length: 8 } } });
  });

  test.each(Object.entries(targets))("calls them over %s", async (_name, target) => {
    const asked = ["--tool-name", "integration_emit_event", "--tool-arg", "eventName=error"];
    const { code, stdout } = await inspected(target(), "tools/call", ...asked);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ result: { structuredContent: { sent: 0, deliveries: [] } } });
  });

  test("tells errors of tools by its exit code", async () => {
    const asked = ["--tool-name", "integration_emit_event", "--tool-arg", "eventName=task.done"];
    const { code, stdout } = await inspected(httpTarget(), "tools/call", ...asked);
    expect([code, stdout]).toEqual([5, expect.stringContaining("task.completed")]);
  });
});

function httpTarget(): Pick<Inspection, "target"> {
  const header = `Authorization: Bearer ${server.apiKey}`;
  return { target: [`${server.url}/mcp`, "--transport", "http", "--header", header] };
}

function inspected(
  target: Pick<Inspection, "target">,
  method: string,
  ...args: readonly string[]
): Promise<EndedProcess> {
  return inspect({ ...target, dataDir: server.dataDir, method, args });
}

/** The official runner's scenarios that our tools can show, with the checks in them that want tools of its own. */
const scenarios: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  "2026-07-28": {
    "server-stateless": [
      "sep-2575-server-rejects-undeclared-capability",
      "sep-2575-missing-capability-http-400",
      "sep-2575-http-server-no-independent-requests-on-stream",
      "sep-2575-server-no-log-without-loglevel",
    ],
    "http-header-validation": [],
    "dns-rebinding-protection": [],
    "server-sse-multiple-streams": [],
    "tools-list": [],
    "input-required-result-unsupported-methods": [],
  },
  "2025-11-25": {
    "server-initialize": [],
    ping: [],
    "dns-rebinding-protection": [],
    "tools-list": [],
  },
};

describe.each(Object.entries(scenarios))("the conformance runner of %s", (revision, passed) => {
  let run: ConformanceRun;
  beforeAll(async () => {
    await using proxy = await startKeyedProxy(server.url, server.apiKey);
    run = await runConformance(`${proxy.url}/mcp`, revision);
  }, 60_000);

  test.each(Object.entries(passed))("finds nothing wrong in %s", (scenario, wantsOtherTools) => {
    expect(run.failures(scenario)).toEqual(wantsOtherTools);
  });
});
