import { expect, test } from "vitest";
import { createFakeContext } from "./fake-context.ts";

const message = {
  event_id: "e1",
  client_id: "test:1",
  text: "Hi.",
  sender: { id: "u1" },
  mentioned: true,
  origin: { integration: "test", ref: {} },
};

test("settings, secrets and the network are what the test gives", async () => {
  const answer = new Response("hello");
  const context = createFakeContext({
    config: { room: "hall" },
    secrets: { TOKEN: "t" },
    fetch: async () => answer,
  });
  expect(context.config.room).toBe("hall");
  expect(await context.secrets.resolve("TOKEN")).toBe("t");
  expect(await context.secrets.resolve("toString")).toBeNull();
  expect(await context.http.fetch("http://example.com")).toBe(answer);
});

test("the log is kept, with the fields of its parents", () => {
  const { logger } = createFakeContext({ config: {} });
  logger.child({ id: 1 }).child({ part: 2 }).warn({ id: 3 }, "Odd.");
  expect(logger.entries).toEqual([{ level: "warn", fields: { id: 3, part: 2 }, message: "Odd." }]);
});

test("storage keeps copies", async () => {
  const { storage } = createFakeContext({ config: {} });
  const value = { list: [1] };
  await storage.set("a", value);
  value.list.push(2);
  expect(await storage.get("a")).toEqual({ list: [1] });
  await storage.delete("a");
  expect(await storage.get("a")).toBeNull();
});

test("a file that was put can be opened", async () => {
  const { files } = createFakeContext({ config: {} });
  const ref = await files.put(new Blob(["hel", "lo"]).stream(), {
    name: "a.txt",
    content_type: "text/plain",
  });
  expect(ref).toEqual({ blob_id: "file-1", name: "a.txt", content_type: "text/plain", size: 5 });
  expect(await new Response(await files.open(ref)).text()).toBe("hello");
  expect(await files.open({ ...ref, blob_id: "file-2" })).toBeNull();
});

test("the host keeps what it is asked, and knows nothing", async () => {
  const { host } = createFakeContext({ config: {} });
  expect(await host.ingest(message)).toEqual({
    status: "accepted",
    message_id: "message-1",
    task_id: "task-1",
  });
  expect(await host.ingest(message)).toEqual({ status: "duplicate" });
  expect(await host.inject({ session_id: "s1", content: "Hi.", source: "test" })).toEqual({
    message_id: "injected-1",
    session_id: "s1",
    task_id: null,
  });
  expect(await host.channelConfig("test:1")).toBeNull();
  expect(await host.cancelTask("t1")).toBe(false);
  expect(await host.decideApproval("a1", { allow: true, decided_by: "u1" })).toBe("not_found");
  expect([host.ingested.length, host.injected.length, host.cancelled, host.decided.length]).toEqual([
    1,
    1,
    ["t1"],
    1,
  ]);
});

test("a test may answer in the host's place", async () => {
  const { host } = createFakeContext({
    config: {},
    host: { cancelTask: async () => true, ingest: async () => ({ status: "ignored", reason: "quiet" }) },
  });
  expect(await host.cancelTask("t1")).toBe(true);
  expect(await host.ingest(message)).toEqual({ status: "ignored", reason: "quiet" });
  expect(host.ingested).toHaveLength(1);
});
