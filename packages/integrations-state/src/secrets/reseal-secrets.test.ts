import { describe, expect, it } from "vitest";
import { emptyState } from "../state/empty-state.ts";
import type { IntegrationState } from "../state/integration-state.ts";
import { createMemoryStore } from "../testing/memory-store.ts";
import { resealSecrets } from "./reseal-secrets.ts";
import type { SecretBox } from "./secret-box.ts";
import { createSecretBox } from "./secret-box.ts";

const keyOf = (byte: number): string => Buffer.alloc(32, byte).toString("base64");
const [OLD, NEW, LOST] = [keyOf(1), keyOf(2), keyOf(3)];
const TIME = "2026-01-01T00:00:00.000Z";

function stateWith(secret: string, url: string): IntegrationState {
  const times = { created_at: TIME, updated_at: TIME };
  return {
    ...emptyState(new Date(TIME)),
    webhooks: [
      { id: "w", url: "https://example.com/", events: [], secret, ...times },
      { id: "unsigned", url: "https://example.com/unsigned", events: [], secret: "", ...times },
    ],
    destinations: [{ name: "d", channel: "slack", url, is_default: true, ...times }],
  };
}

async function resealed(before: SecretBox, secrets: SecretBox) {
  const store = createMemoryStore(stateWith(before.seal("hunter2"), before.seal("https://hooks/1")));
  const report = await resealSecrets({ store, secrets });
  const { updated_at, webhooks, destinations } = await store.read();
  const stored = [...webhooks.map(({ secret }) => secret), ...destinations.map(({ url }) => url)];
  return { report, stored, hasChanged: updated_at !== TIME };
}

describe("secrets that are stored anew", () => {
  it.each([
    ["in clear", createSecretBox(null)],
    ["under an older key", createSecretBox(OLD)],
  ])("were stored %s, and only the key of today opens them now", async (_, before) => {
    const { report, stored } = await resealed(before, createSecretBox(NEW, [OLD]));
    expect(report).toEqual({ resealed: 2, unopened: 0 });
    expect(stored.map((one) => createSecretBox(NEW).open(one))).toEqual(["hunter2", "", "https://hooks/1"]);
    expect(stored.filter((one) => one !== "" && !one.startsWith("enc:v1:"))).toEqual([]);
  });

  it("stand in clear when there is no key any more", async () => {
    const { report, stored } = await resealed(createSecretBox(OLD), createSecretBox(null, [OLD]));
    expect(report).toEqual({ resealed: 2, unopened: 0 });
    expect(stored).toEqual(["hunter2", "", "https://hooks/1"]);
  });
});

describe("nothing is written", () => {
  it.each([
    ["all is under the key of today", createSecretBox(NEW), 0],
    ["no key opens them", createSecretBox(LOST), 2],
  ])("when %s", async (_, before, unopened) => {
    const { report, stored, hasChanged } = await resealed(before, createSecretBox(NEW, [OLD]));
    expect(report).toEqual({ resealed: 0, unopened });
    expect(hasChanged).toBe(false);
    expect(stored[0]?.split(":")[2]).toBe(before.seal("x").split(":")[2]);
  });
});
