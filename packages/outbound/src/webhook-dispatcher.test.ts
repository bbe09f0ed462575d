import { silentLogger } from "@core/registry";
import type { Delivery, DeliveryContext, FileLink, FileRef } from "@core/registry";
import { describe, expect, test } from "vitest";
import { startHttpReceiver } from "../test/http-receiver.ts";
import { createManualClock } from "@core/testing";
import { createOutboundDouble } from "../test/outbound-double.ts";
import { createOutbound } from "./outbound.ts";
import { createWebhookDispatcher } from "./webhook-dispatcher.ts";
import type { WebhookDispatcherOptions } from "./webhook-dispatcher.ts";
import { generateWebhookSecret } from "./webhook-secret.ts";
import type { WebhookTarget } from "./webhook-target.ts";
import { verifyWebhook } from "./webhook-verifier.ts";

const secrets = [generateWebhookSecret(), generateWebhookSecret()];
const file = { blob_id: "b1", name: "a.txt", content_type: "text/plain", size: 3 };
const action = { type: "open", url: "/x" };
const plain = { text: "done", files: [], actions: [] };

type Content = Pick<Delivery, "kind" | "payload">;

function deliveryOf(content: Content, url = "https://example.com/hook"): Delivery<WebhookTarget> {
  const fields = {
    id: "dlv_1",
    dispatch_type: "webhook",
    target: { url },
    created_at: "2026-01-01T00:00:00.000Z",
    attempt: 1,
    bot: null,
    origin: null,
    sent_parts: [],
  };
  return { ...fields, ...content } as Delivery<WebhookTarget>;
}

function contextOf(signal: AbortSignal = new AbortController().signal): DeliveryContext {
  return { signal, logger: silentLogger, clock: createManualClock(), partSent: async () => {} };
}

async function posted(
  content: Content,
  options: Pick<WebhookDispatcherOptions, "fileLink"> = {},
): Promise<unknown> {
  const outbound = createOutboundDouble([{ status: 200 }]);
  const dispatcher = createWebhookDispatcher({ outbound, signingSecrets: secrets, ...options });
  await dispatcher.deliver(deliveryOf(content), contextOf());
  const body = outbound.requests[0]?.body;
  return JSON.parse(typeof body === "string" ? body : "null");
}

describe("what is posted for", () => {
  test.each(["task_result", "child_result"] as const)("a %s is the id and the text", async (kind) => {
    expect(await posted({ kind, payload: { task_id: "t1", result: plain } })).toEqual({
      task_id: "t1",
      result: "done",
    });
  });

  test("a result with files and actions has them beside the text", async () => {
    const result = { text: "", files: [file], actions: [action] };
    expect(await posted({ kind: "task_result", payload: { task_id: "t1", result } })).toEqual({
      task_id: "t1",
      result: "",
      files: [{ ...file, url: null, expires_at: null }],
      actions: [action],
    });
  });

  test("a file has the link that its server makes for it, or none", async () => {
    const lost = { ...file, blob_id: "b2" };
    const result = { ...plain, files: [file, lost] };
    const link = { url: "https://agent.example/api/v1/files/b1", expires_at: "2026-01-02T00:00:00.000Z" };
    const fileLink = ({ blob_id }: FileRef): FileLink | null => (blob_id === "b1" ? link : null);
    expect(await posted({ kind: "child_result", payload: { task_id: "t1", result } }, { fileLink })).toEqual({
      task_id: "t1",
      result: "done",
      files: [
        { ...file, ...link },
        { ...lost, url: null, expires_at: null },
      ],
    });
  });

  test("a file has no fields that others have added to it", async () => {
    const result = { ...plain, files: [{ ...file, path: "/private/a.txt" }] };
    expect(await posted({ kind: "task_result", payload: { task_id: "t1", result } })).toEqual({
      task_id: "t1",
      result: "done",
      files: [{ ...file, url: null, expires_at: null }],
    });
  });

  test("a failed task is a null result and the error", async () => {
    const error = { code: "timed_out", message: "It took too long." };
    expect(await posted({ kind: "task_error", payload: { task_id: "t1", error } })).toEqual({
      task_id: "t1",
      result: null,
      error,
    });
  });

  test("a message is its text", async () => {
    expect(await posted({ kind: "message", payload: { text: "hi" } })).toEqual({ text: "hi" });
  });

  test("a mirrored message has its source too", async () => {
    expect(await posted({ kind: "mirror", payload: { text: "hi", source: "cli" } })).toEqual({
      text: "hi",
      source: "cli",
    });
  });

  test("a webhook event has its name, the time of sending and its data", async () => {
    expect(
      await posted({ kind: "webhook_event", payload: { event: "task.completed", data: { id: 1 } } }),
    ).toEqual({
      event: "task.completed",
      timestamp: "2026-01-01T00:00:00.000Z",
      data: { id: 1 },
    });
  });

  test("a kind that others have added is nothing", async () => {
    const outbound = createOutboundDouble([{ status: 200 }]);
    const content = { kind: "reaction", payload: {} } as unknown as Content;
    const dispatcher = createWebhookDispatcher({ outbound, signingSecrets: secrets });
    expect(await dispatcher.deliver(deliveryOf(content), contextOf())).toMatchObject({
      failure: "permanent",
      code: "kind_unsupported",
    });
    expect(outbound.requests).toEqual([]);
  });
});

describe("over a real network", () => {
  const allow = ["127.0.0.0/8"];
  const content: Content = { kind: "task_result", payload: { task_id: "t1", result: plain } };

  test("the request is signed with every secret over its raw body", async () => {
    await using receiver = await startHttpReceiver((_, response) => response.end("thanks"));
    await using outbound = createOutbound({ allow });
    const clock = createManualClock();
    const dispatcher = createWebhookDispatcher({ outbound, signingSecrets: secrets, clock });
    const outcome = await dispatcher.deliver(deliveryOf(content, `${receiver.url}/hook`), contextOf());

    expect(outcome).toEqual({
      status: "delivered",
      externalIds: [],
      answer: { status: 200, body: "thanks" },
    });
    const [request] = receiver.requests;
    expect(request).toMatchObject({
      method: "POST",
      path: "/hook",
      headers: { "content-type": "application/json", "user-agent": "agent-integrations-webhook/1" },
    });
    for (const secret of secrets) {
      const verified = verifyWebhook({
        headers: request?.headers ?? {},
        rawBody: request?.body ?? "",
        secrets: [secret],
        now: new Date(clock.now()),
      });
      expect(verified.id).toBe("dlv_1");
    }
  });

  test.each([
    ["task_result", 503, { failure: "retryable", code: "http_503", retryAfterMs: 9_000 }],
    ["task_result", 410, { failure: "permanent", code: "http_410" }],
    ["task_result", 302, { failure: "permanent", code: "http_302" }],
    ["webhook_event", 404, { failure: "retryable", code: "http_404" }],
    ["webhook_event", 410, { failure: "permanent", code: "gone" }],
  ] as const)("a %s that gets %i is judged by the policy of its kind", async (kind, status, expected) => {
    await using receiver = await startHttpReceiver((_, response) => {
      response.writeHead(status, { "retry-after": "9" }).end();
    });
    await using outbound = createOutbound({ allow });
    const payload = kind === "task_result" ? content.payload : { event: "error", data: null };
    const delivery = deliveryOf({ kind, payload }, receiver.url);
    const outcome = await createWebhookDispatcher({ outbound, signingSecrets: secrets }).deliver(
      delivery,
      contextOf(),
    );
    expect(outcome).toMatchObject(expected);
    expect(receiver.requests).toHaveLength(1);
  });

  test("a receiver that hangs up before its answer may be tried again", async () => {
    await using receiver = await startHttpReceiver((request) => request.socket.destroy());
    await using outbound = createOutbound({ allow });
    const dispatcher = createWebhookDispatcher({ outbound, signingSecrets: secrets });
    const outcome = await dispatcher.deliver(deliveryOf(content, `${receiver.url}/token`), contextOf());
    expect(outcome).toMatchObject({ failure: "retryable", code: "network_error" });
    expect(JSON.stringify(outcome)).not.toContain("token");
  });

  test("an attempt that its server ends may be tried again", async () => {
    const controller = new AbortController();
    await using receiver = await startHttpReceiver(() => controller.abort());
    await using outbound = createOutbound({ allow });
    const dispatcher = createWebhookDispatcher({ outbound, signingSecrets: secrets });
    const outcome = await dispatcher.deliver(deliveryOf(content, receiver.url), contextOf(controller.signal));
    expect(outcome).toMatchObject({ failure: "retryable", code: "aborted" });
  });

  test("a name that leads inside is refused for good, and nothing arrives", async () => {
    await using receiver = await startHttpReceiver((_, response) => response.end());
    await using outbound = createOutbound({ lookup: async () => [{ address: "127.0.0.1", family: 4 }] });
    const dispatcher = createWebhookDispatcher({ outbound, signingSecrets: secrets });
    const outcome = await dispatcher.deliver(
      deliveryOf(content, `http://inside.test:${receiver.port}/`),
      contextOf(),
    );
    expect(outcome).toMatchObject({ failure: "permanent", code: "address_refused" });
    expect(receiver.connections()).toBe(0);
  });
});

describe("a dispatcher", () => {
  const outbound = createOutboundDouble([]);

  test("reads its targets strictly", async () => {
    const { target } = createWebhookDispatcher({ outbound, signingSecrets: secrets });
    const result = await target?.["~standard"].validate({ url: "http://10.0.0.1/" });
    expect(result?.issues?.[0]?.message).toContain("10.0.0.1 is a private address");
  });

  test("is idempotent and unordered", () => {
    const dispatcher = createWebhookDispatcher({ outbound, signingSecrets: secrets });
    expect([dispatcher.idempotent, dispatcher.orderKey]).toEqual([true, undefined]);
  });

  test("hands on files itself, and claims nothing else", () => {
    const { capabilities } = createWebhookDispatcher({ outbound, signingSecrets: secrets });
    expect(capabilities).toEqual({ files: true });
  });

  test.each([[[]], [["secret"]], [[...secrets, "whsec_short"]]])(
    "is not made with the secrets %j",
    (signingSecrets) => {
      expect(() => createWebhookDispatcher({ outbound, signingSecrets })).toThrow(
        expect.objectContaining({ code: "WEBHOOK_SECRET_INVALID" }),
      );
    },
  );
});
