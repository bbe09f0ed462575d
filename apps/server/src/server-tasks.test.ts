import { createTestDatabases } from "@core/database/testing";
import { createRegistry, silentLogger, systemClock } from "@core/registry";
import { tasksMigrations } from "@core/tasks";
import type { Tracer } from "@opentelemetry/api";
import { ProxyTracerProvider, trace } from "@opentelemetry/api";
import { afterAll, expect, test } from "vitest";
import { createEchoAgent } from "./agents/echo-agent.ts";
import { createFileLinks } from "./files/file-links.ts";
import { createServerTasks } from "./server-tasks.ts";
import { memoryIntegrations } from "./testing/memory-integrations.ts";

const databases = createTestDatabases();
afterAll(async () => {
  trace.disable();
  await databases.close();
});

test("an SDK that was registered before the server is told of its tasks", async () => {
  const names: string[] = [];
  trace.setGlobalTracerProvider({ getTracer: () => noting(names) });
  const database = await databases.open("pglite");
  await database.migrate([tasksMigrations()]);
  const { tasks, worker } = createServerTasks({
    database,
    registry: createRegistry({ integrations: [], logger: silentLogger }),
    integrationsState: memoryIntegrations(),
    bots: new Map(),
    links: createFileLinks({
      publicUrl: null,
      signingSecret: "whsec_dGVzdA==",
      lifetimeMs: 60_000,
      clock: systemClock,
    }),
    runner: createEchoAgent(),
    workerId: "w",
    configuration: { agentTimeoutMs: 60_000, workerConcurrency: 1 },
    logger: silentLogger,
  });
  await tasks.enqueue({ prompt: "hello" });
  await worker.runUntilIdle();
  await worker.stop();
  expect(names).toEqual(["enqueue", "process agent"]);
});

/** A tracer that keeps the names of spans and nothing else. */
function noting(names: string[]): Tracer {
  const silent = new ProxyTracerProvider().getTracer("silent");
  return {
    startActiveSpan: silent.startActiveSpan.bind(silent),
    startSpan(name, options, context) {
      names.push(name);
      return silent.startSpan(name, options, context);
    },
  };
}
