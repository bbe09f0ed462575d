import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Listener } from "../http/listener.ts";
import { listen } from "../http/listener.ts";
import type { ConformanceRun } from "../testing/conformance-run.ts";
import { runConformance } from "../testing/conformance-run.ts";
import { conformanceServers } from "../testing/conformance-servers.ts";
import type { KeyedProxy } from "../testing/keyed-proxy.ts";
import { startKeyedProxy } from "../testing/keyed-proxy.ts";
import { createTestApp, TEST_KEY } from "../testing/test-app.ts";

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
