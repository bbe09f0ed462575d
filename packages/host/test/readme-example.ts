import { strict as assert } from "node:assert";
import { createBlobStore, databaseMigrations, openDatabase } from "@core/database";
import {
  createFilePort,
  createIntegrationHost,
  createIntegrationStorage,
  hostMigrations,
  unavailableHost,
} from "@core/host";
import { createRegistry, defineIntegration, delivered } from "@core/registry";

const hello = defineIntegration({
  type: "hello",
  apiVersion: 1,
  environment: { required: ["HELLO_TOKEN"], optional: ["HELLO_URL"], secret: ["HELLO_TOKEN"] },
  dispatcher: {},
  setup: ({ logger, storage }) => ({
    start: () => storage.set("started_before", true),
    async deliver({ id }) {
      logger.info({ id }, "Hello!");
      return delivered();
    },
    health: () => ({ status: "ok" }),
  }),
});
const unused = defineIntegration({
  type: "unused",
  apiVersion: 1,
  environment: { required: ["UNUSED_TOKEN"], secret: ["UNUSED_TOKEN"] },
  setup: () => ({}),
});

const database = await openDatabase({ memory: true });
await database.migrate([databaseMigrations, hostMigrations()]);
const registry = createRegistry({ integrations: [hello, unused] });
const host = createIntegrationHost({
  registry,
  environment: { HELLO_TOKEN: "a-secret" }, // a server passes process.env
  ports: {
    http: () => ({ fetch }), // unguarded: a server passes a fetch that refuses private addresses
    storage: createIntegrationStorage(database),
    files: createFilePort(createBlobStore(database)),
    host: unavailableHost(),
  },
});

await host.start();
const [first, second] = await host.list();
assert.equal(first?.status, "ready");
assert.deepEqual(first.health, { status: "ok" });
assert.equal(second?.status, "not_configured");
assert.deepEqual(second.missing, ["UNUSED_TOKEN"]);
assert.ok(registry.dispatchers.isReady("hello"));

await host.stop();
assert.ok(!registry.dispatchers.isReady("hello"));
await database.close();
