import { createIntegrations } from "@core/integrations-state";
import { createMemoryStore } from "@core/integrations-state/testing";
import { silentLogger, systemClock } from "@core/registry";
import { createFileLinks } from "../files/file-links.ts";
import type { App } from "../http/app-env.ts";
import type { AppOptions } from "../http/app.ts";
import { createApp } from "../http/app.ts";
import type { Problem } from "../http/problem.ts";
import { mcpServerFactory } from "../mcp/mcp-server.ts";
import type { FakeTasks } from "./fake-tasks.ts";
import { createFakeTasks } from "./fake-tasks.ts";

export const TEST_KEY = "test-key";

/** Where the world reaches the test's server. */
const TEST_URL = "https://agents.example.org";

/** The HTTP API over tasks in memory, and a way to post to it. */
export interface TestApp {
  readonly app: App;
  readonly tasks: FakeTasks;
  get(path: string): Promise<Response>;
  post(path: string, body: unknown): Promise<Response>;
  /** Any other method. */
  send(method: "PUT" | "PATCH" | "DELETE", path: string, body?: unknown): Promise<Response>;
}

export function createTestApp(options: Partial<AppOptions> = {}): TestApp {
  const tasks = createFakeTasks();
  const app = createApp({
    tasks,
    apiKey: TEST_KEY,
    taskTypes: ["agent"],
    dispatchTypes: ["none", "webhook"],
    health: async () => ({
      database: { status: "ok", engine: "pglite" },
      worker: { status: "running" },
      integrations: [],
      processes: [],
    }),
    integrations: async () => [],
    integrationsState: createIntegrations({ store: createMemoryStore() }),
    blobs: { open: async () => null },
    fileLinks: createFileLinks({
      publicUrl: TEST_URL,
      signingSecret: "whsec_dGVzdA==",
      lifetimeMs: 60_000,
      clock: systemClock,
    }),
    mcp: mcpServerFactory({ tools: [], version: "1.0.0" }),
    version: "1.0.0",
    publicUrl: null,
    host: "127.0.0.1",
    logger: silentLogger,
    ...options,
  });
  const headers = { authorization: `Bearer ${TEST_KEY}` };
  const send = async (method: string, path: string, body?: unknown): Promise<Response> =>
    app.request(path, {
      method,
      headers: { ...headers, "content-type": "application/json" },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
  return {
    app,
    tasks,
    get: async (path) => app.request(path, { headers }),
    post: (path, body) => send("POST", path, body),
    send,
  };
}

/** Reads an error answer. */
export async function problemOf(response: Response): Promise<Problem> {
  return (await response.json()) as Problem;
}
