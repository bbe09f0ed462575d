import { randomBytes } from "node:crypto";
import { createIntegrations, createIntegrationsParts } from "@core/integrations-state";
import { createMemoryStore } from "@core/integrations-state/testing";
import { createRecordingLogger } from "@core/testing";
import { expect, it } from "vitest";
import { sealStored } from "./seal-stored.ts";

const newKey = (): string => randomBytes(32).toString("base64");

async function stateWithSecret(encryptionKey: string | null) {
  const store = createMemoryStore();
  const integrations = createIntegrations({ store, encryptionKey });
  await integrations.registerWebhook({ url: "https://example.com/hook", secret: "in the clear" });
  await integrations.close();
  return store;
}

it("secrets that were stored without a key are sealed once, and still open", async () => {
  const store = await stateWithSecret(null);
  const logger = createRecordingLogger();
  const parts = createIntegrationsParts({ store, encryptionKey: newKey(), logger });
  await sealStored(parts);
  const stored = (await store.read()).webhooks[0]?.secret ?? "";
  expect(stored).not.toContain("in the clear");
  expect(parts.secrets.open(stored)).toBe("in the clear");
  await sealStored(parts);
  expect((await store.read()).webhooks[0]?.secret).toBe(stored);
  expect(logger.entries).toMatchObject([{ level: "info", fields: { secrets: 1 } }]);
});

it("secrets of another key stay as they are, and are told of", async () => {
  const store = await stateWithSecret(newKey());
  const before = await store.read();
  const logger = createRecordingLogger();
  await sealStored(createIntegrationsParts({ store, encryptionKey: newKey(), logger }));
  expect(await store.read()).toEqual(before);
  expect(logger.entries).toMatchObject([{ level: "warn", fields: { secrets: 1 } }]);
});

it("a state that cannot be read is told of", async () => {
  const store = { ...createMemoryStore(), read: () => Promise.reject(new Error("no disk")) };
  const logger = createRecordingLogger();
  await sealStored(createIntegrationsParts({ store, encryptionKey: newKey(), logger }));
  expect(logger.entries).toMatchObject([{ level: "warn" }]);
});
