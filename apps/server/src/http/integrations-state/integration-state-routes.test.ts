import type { IntegrationsErrorCode } from "@core/integrations-state";
import { createIntegrations, IntegrationsError } from "@core/integrations-state";
import { createMemoryStore } from "@core/integrations-state/testing";
import type { IntegrationErrorOptions, Logger } from "@core/registry";
import { createRegistry, silentLogger } from "@core/registry";
import { describe, expect, test } from "vitest";
import { createTestApp, problemOf } from "../../testing/test-app.ts";
import { stateSchema } from "./state-documents.ts";

const STATE = "/api/v1/integrations/state";

describe("the state over HTTP", () => {
  test("is as the document describes it, without secrets and paths", async () => {
    const { get, post, send } = createTestApp();
    const url = "https://hooks.example.org/hidden";
    await post("/api/v1/integrations/webhooks", { url, secret: "hidden" });
    await send("PUT", "/api/v1/integrations/destinations/ops", { channel: "webhook", url });
    await post("/api/v1/integrations/notifications", { channel: "email", message: "Hello" });
    const state = await (await get(STATE)).json();
    expect(stateSchema.safeParse(state).error).toBeUndefined();
    expect(state).toMatchObject({
      webhooks: [{ url: "https://hooks.example.org/…", has_secret: true }],
      destinations: [{ name: "ops" }],
      notifications: [{ message: "Hello" }],
    });
    expect(JSON.stringify(state)).not.toContain("hidden");
  });

  test("has no routes in a server that was given none, and the list of integrations stays", async () => {
    const { app, get } = createTestApp({ integrationsState: undefined });
    expect((await problemOf(await get(STATE))).code).toBe("ROUTE_NOT_FOUND");
    expect((await get("/api/v1/integrations")).status).toBe(200);
    expect(await (await app.request("/openapi.json")).text()).not.toContain("integrations/state");
  });
});

test("no integration can have the name of a route beside it", async () => {
  const document = (await (await createTestApp().app.request("/openapi.json")).json()) as { paths: object };
  const words = Object.keys(document.paths).flatMap(
    (path) => /^\/api\/v1\/integrations\/([^/{]+)/.exec(path)?.[1] ?? [],
  );
  expect(words).toContain("git-auto-commit");
  for (const type of words) {
    expect(() => createRegistry({ integrations: [{ type, apiVersion: 1 }] }), type).toThrow(
      `Integration "${type}" cannot be used: This type is reserved.`,
    );
  }
});

describe("a state that cannot be had", () => {
  test.each([
    ["ENCRYPTION_KEY_MISSING", 500],
    ["ENCRYPTION_KEY_WRONG", 500],
    ["STATE_CLOSED", 503],
    ["STATE_CORRUPT", 500],
    ["STATE_LOCK_TIMEOUT", 503],
    ["STATE_UNREADABLE", 503],
    ["STATE_VERSION_UNSUPPORTED", 500],
    ["STATE_WRITE_FAILED", 503],
  ] as const)("by %s is a problem %d that tells its caller and the log what to do", async (code, status) => {
    const logged: unknown[] = [];
    const logger: Logger = { ...silentLogger, error: (fields) => void logged.push(fields) };
    const response = await failing({ code, message: `It says ${code}. Do this.` }, logger);
    expect(await problemOf(response)).toMatchObject({ status, code, detail: `It says ${code}. Do this.` });
    expect(logged).toEqual([{ request_id: expect.any(String), err: expect.objectContaining({ code }) }]);
  });

  test("is to be asked for again where that may help, and only there", async () => {
    const busy = { code: "STATE_LOCK_TIMEOUT", message: "It is busy." } as const;
    expect((await failing({ ...busy, retryable: true })).headers.get("retry-after")).toBe("5");
    expect((await failing({ ...busy, retryable: false })).headers.get("retry-after")).toBeNull();
  });
});

/** What reading the state answers when it throws this. */
function failing(
  options: IntegrationErrorOptions<IntegrationsErrorCode>,
  logger: Logger = silentLogger,
): Promise<Response> {
  const getIntegrationState = (): Promise<never> => Promise.reject(new IntegrationsError(options));
  const integrationsState = { ...createIntegrations({ store: createMemoryStore() }), getIntegrationState };
  return createTestApp({ integrationsState, logger }).get(STATE);
}
