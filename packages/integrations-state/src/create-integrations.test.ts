import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createOutbound } from "@core/outbound";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { gitThatFirst } from "../test/auto-commit-fixture.ts";
import { makeGitRepository, plainEnvironment } from "../test/git-repository.ts";
import { startHttpReceiver } from "../test/http-receiver.ts";
import { createIntegrations } from "./create-integrations.ts";
import type { Integrations } from "./integrations.ts";
import { createMemoryStore } from "./testing/memory-store.ts";

const encryptionKey = Buffer.alloc(32, 1).toString("base64");
const open = (): Integrations => createIntegrations({ store: createMemoryStore(), encryptionKey });

describe("an instance without any options", () => {
  const home = process.cwd();
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "integrations-"));
    process.chdir(folder);
  });
  afterEach(async () => {
    process.chdir(home);
    await rm(folder, { recursive: true });
  });

  it("keeps its state in data/state/integrations.json, over its close", async () => {
    await using first = createIntegrations();
    await first.registerWebhook({ url: "https://example.org/hook", secret: "s3cret-in-clear" });
    await first.close();
    expect(await readFile(join(folder, "data/state/integrations.json"), "utf8")).toContain("s3cret-in-clear");
    await using second = createIntegrations();
    expect(await second.listWebhooks()).toMatchObject([{ url: "https://example.org/hook" }]);
  });

  it("seals secrets and the URLs of destinations at rest when it is given a key", async () => {
    await using integrations = createIntegrations({ encryptionKey });
    await integrations.registerWebhook({ url: "https://example.org/hook", secret: "s3cret" });
    await integrations.setDestination({
      name: "ops",
      channel: "webhook",
      url: "https://example.org/token-path",
    });
    const stored = await readFile(join(folder, "data/state/integrations.json"), "utf8");
    expect(stored).not.toMatch(/s3cret|token-path/);
  });
});

describe("the state as it is shown", () => {
  it("has everything and no secret", async () => {
    await using integrations = open();
    await integrations.registerWebhook({ url: "https://example.org/hook", secret: "s3cret" });
    await integrations.setDestination({
      name: "ops",
      channel: "webhook",
      url: "https://example.org/token-path",
    });
    await integrations.setGitAutoCommitConfig({ enabled: true });
    await integrations.sendNotification({ channel: "email", message: "hello" });
    const state = await integrations.getIntegrationState();
    expect(state).toMatchObject({
      version: 1,
      webhooks: [{ url: "https://example.org/hook", has_secret: true }],
      git_auto_commit: { enabled: true },
      notifications: [{ channel: "email", message: "hello", delivered: false }],
      destinations: [{ name: "ops", is_default: true }],
    });
    expect(JSON.stringify(state)).not.toMatch(/s3cret|token-path|enc:v1/);
  });

  it("is changed by mutators, of which a failing one changes nothing", async () => {
    await using integrations = open();
    const { result } = await integrations.updateState((state) => {
      state.git_auto_commit.enabled = true;
      return "changed";
    });
    expect(result).toBe("changed");
    const failing = integrations.updateState((state) => {
      state.git_auto_commit.enabled = false;
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(await integrations.getGitAutoCommitConfig()).toMatchObject({ enabled: true });
  });
});

describe("publishing an event", () => {
  it("tells the webhooks and commits", async () => {
    using repository = makeGitRepository();
    await using receiver = await startHttpReceiver((_, response) => void response.end());
    await using outbound = createOutbound({ allow: ["127.0.0.1"] });
    const git = { repository: repository.folder, environment: plainEnvironment };
    await using integrations = createIntegrations({ store: createMemoryStore(), outbound, git });
    await integrations.setGitAutoCommitConfig({ enabled: true, on_events: ["task.sync"] });
    await integrations.registerWebhook({ url: receiver.url });
    repository.write("a.txt", "changed\n");
    const report = await integrations.publish("task.sync", { summary: "All of it" });
    expect(report).toMatchObject({
      webhooks: { sent: 1, failed: 0 },
      error: null,
      git: { status: "committed", files: 1 },
    });
    expect(repository.git("log", "-1", "--format=%s")).toBe("task.sync: All of it");
  });

  it("commits although the webhooks cannot be told, and tells them although git fails", async () => {
    using repository = makeGitRepository();
    repository.write("a.txt", "changed\n");
    const store = createMemoryStore();
    const working = { repository: repository.folder, environment: plainEnvironment };
    await using integrations = createIntegrations({
      store,
      git: working,
      outbox: { send: () => Promise.reject(new Error("The queue is full.")) },
    });
    await integrations.registerWebhook({ url: "https://example.org/hook" });
    await integrations.setGitAutoCommitConfig({ enabled: true, on_events: ["error"] });
    expect(await integrations.publish("error")).toMatchObject({
      webhooks: { sent: 0, failed: 1 },
      git: { status: "committed" },
    });

    const told: string[] = [];
    await using other = createIntegrations({
      store,
      git: { ...working, command: gitThatFirst("exit 1") },
      outbox: { send: async ({ event }) => void told.push(event) },
    });
    expect(await other.publish("error")).toMatchObject({
      webhooks: { sent: 1 },
      git: { status: "failed" },
    });
    expect(told).toEqual(["error"]);
  });

  it("answers a value for an event that does not exist, and when the state cannot be read", async () => {
    await using integrations = open();
    expect(await integrations.publish("task.done")).toMatchObject({
      webhooks: null,
      error: { code: "INTEGRATIONS_INPUT_INVALID", message: expect.stringContaining("task.completed") },
      git: { status: "skipped" },
    });
    const store = { ...createMemoryStore(), read: () => Promise.reject(new Error("no disk")) };
    await using unreadable = createIntegrations({ store });
    expect(await unreadable.publish("error")).toMatchObject({
      webhooks: null,
      error: { code: "unexpected" },
      git: { status: "failed", code: "state_unavailable" },
    });
  });
});

it("resolves events by the rules that it was given, too", () => {
  const integrations = createIntegrations({
    store: createMemoryStore(),
    toolEvents: { deploy: "task.sync" },
  });
  expect(integrations.resolveEventName("deploy")).toBe("task.sync");
  expect(integrations.resolveEventName("audit_session_end")).toBe("session.end");
});

it("tells the hooks that were set last, whatever they throw", async () => {
  const told: string[] = [];
  await using integrations = createIntegrations({
    store: createMemoryStore(),
    diagnostics: { emitEvent: ({ name }) => void told.push(`first ${name}`) },
  });
  await integrations.setGitAutoCommitConfig({ enabled: true });
  integrations.setDiagnosticHooks({
    emitEvent: ({ name }) => {
      told.push(`second ${name}`);
      throw new Error("broken");
    },
  });
  await integrations.setGitAutoCommitConfig({ enabled: false });
  expect(told).toEqual(["first integrations.git.configured", "second integrations.git.configured"]);
});

describe("closing", () => {
  it("waits for what is under way, and leaves what it was given open", async () => {
    const gate = Promise.withResolvers<void>();
    const store = createMemoryStore();
    const integrations = createIntegrations({ store, outbox: { send: () => gate.promise } });
    await integrations.registerWebhook({ url: "https://example.org/hook" });
    const order: string[] = [];
    const emitting = integrations.emitWebhookEvent("error").then(() => order.push("told"));
    const closing = integrations.close().then(() => order.push("closed"));
    await new Promise(setImmediate);
    gate.resolve();
    await Promise.all([emitting, closing, integrations.close()]);
    expect(order).toEqual(["told", "closed"]);
    expect(await store.read()).toMatchObject({ version: 1 });
  });
});
