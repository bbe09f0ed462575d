import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { generateWebhookSecret, verifyWebhook } from "@core/outbound";
import { expect, it } from "vitest";
import { shout } from "./first-task.ts";

it("posts a signed answer that a receiver can verify", async () => {
  const arrived = Promise.withResolvers<{
    headers: Record<string, string | string[] | undefined>;
    body: string;
  }>();
  const server = createServer((request, response) => {
    void text(request)
      .then((body) => arrived.resolve({ headers: request.headers, body }))
      .finally(() => response.end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const dataDir = await mkdtemp(join(tmpdir(), "first-task-"));
  const template = process.env["TEST_PGLITE_TEMPLATE"];
  if (template !== undefined) await cp(template, join(dataDir, "pglite"), { recursive: true });
  const secret = generateWebhookSecret();

  {
    await using tasks = await shout(dataDir, secret);
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    const { task } = await tasks.enqueue({
      prompt: "hello",
      dispatch_type: "webhook",
      dispatch_config: { url },
    });
    const { headers, body } = await arrived.promise;
    verifyWebhook({ headers, rawBody: body, secrets: [secret] });
    expect(JSON.parse(body)).toEqual({ task_id: task.id, result: "HELLO" });
  }
  server.close();
  await rm(dataDir, { recursive: true });
});

it("is the example that the README shows", async () => {
  const root = new URL("../../../", import.meta.url);
  const readme = await readFile(new URL("README.md", root), "utf8");
  const source = await readFile(new URL("first-task.ts", import.meta.url), "utf8");
  const blocks = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code);
  expect(blocks).toContain(source);
});
