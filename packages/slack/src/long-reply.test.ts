import type { Delivery, DeliveryOutcome } from "@core/registry";
import { createDeliveryContext, createFakeContext, deliveryOf } from "@core/testing";
import type { FakeContext, FakeDeliveryContext } from "@core/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createSlackDeliverer } from "./deliverer.ts";
import { createSlackMeans } from "./slack-means.ts";
import type { SlackTarget } from "./slack-target.ts";
import { FAKE_BOT_TOKEN, POST_ONLY_TOKEN, startFakeSlack } from "./testing.ts";
import type { FakeSlack } from "./testing.ts";

let slack: FakeSlack;
let context: FakeContext<object>;
beforeAll(async () => {
  slack = await startFakeSlack({ rateLimits: "observed" });
});
beforeEach(async () => {
  await slack.reset();
  context = createFakeContext({ config: {} });
});
afterAll(() => slack.close());

const PARAGRAPHS = Array.from({ length: 70 }, (_, n) => `Paragraph ${n}. ${"word ".repeat(200).trim()}`);
const TEXT = PARAGRAPHS.join("\n\n");

function delivery(more: Partial<Delivery<SlackTarget>> = {}): Delivery<SlackTarget> {
  const target = { channel_id: slack.channelId() };
  return { ...deliveryOf({ target, payload: { text: TEXT } }), ...more } as Delivery<SlackTarget>;
}

function slackWith(token: string = FAKE_BOT_TOKEN): ReturnType<typeof createSlackDeliverer> {
  const { files, storage, clock } = context;
  const secrets = { resolve: async () => token };
  const { apiUrl } = slack;
  const patient = { longestWaitMs: 3_600_000 };
  return createSlackDeliverer(
    createSlackMeans({ fetch, secrets, files, storage, clock, apiUrl, ...patient }),
  );
}

/** Lets time pass, as more posts than a burst take. */
async function deliver(
  one: Delivery<SlackTarget>,
  attempt: FakeDeliveryContext = createDeliveryContext(),
  token?: string,
): Promise<DeliveryOutcome> {
  const ticking = setInterval(() => context.clock.advance(1_000), 2);
  const outcome = await slackWith(token).deliver(one, attempt);
  clearInterval(ticking);
  return outcome;
}

test("a text of many messages comes as its beginning and a file with all of it", async () => {
  const attempt = createDeliveryContext();
  expect(await deliver(delivery(), attempt)).toMatchObject({ status: "delivered" });
  const [beginning, file, ...more] = await slack.messages();
  expect(beginning?.text).toMatch(/^Paragraph 0\. /);
  expect(beginning?.text).toContain("The whole reply is in the file.");
  expect(beginning?.text?.length).toBeLessThan(2_000);
  const [shown] = file?.files ?? [];
  expect(Buffer.from(slack.file(shown?.id ?? "")?.bytes ?? []).toString()).toBe(TEXT);
  expect([shown?.name, more]).toEqual(["reply.md", []]);
  expect(attempt.parts).toMatchObject([
    { index: 0, of: 2 },
    { index: 1, external_id: shown?.id, of: 2 },
  ]);
});

test("it comes as messages where the app may not upload, and nothing is lost", async () => {
  expect(await deliver(delivery(), createDeliveryContext(), POST_ONLY_TOKEN)).toMatchObject({
    status: "delivered",
  });
  const texts = (await slack.messages()).map(({ text }) => text);
  expect(texts.length).toBeGreaterThan(5);
  expect(texts.join("\n\n")).toBe(TEXT);
});

test("a retry goes on as it was begun, whatever the app may do by then", async () => {
  slack.meet("upload", { status: 503 });
  const first = createDeliveryContext();
  expect(await deliver(delivery(), first)).toMatchObject({ failure: "retryable" });
  slack.meet("auth.test", "drop_before");
  expect(await deliver(delivery({ sent_parts: first.parts }))).toMatchObject({ status: "delivered" });
  expect((await slack.messages()).map(({ files }) => files?.length)).toEqual([undefined, 1]);
});

test("a beginning whose answer was lost is found, and its file follows", async () => {
  slack.meet("chat.postMessage", "drop_after");
  expect(await deliver(delivery())).toMatchObject({ failure: "ambiguous" });
  const found = await slackWith().reconcile(delivery(), createDeliveryContext());
  expect(found).toMatchObject({ status: "partly_sent", parts: [{ index: 0, of: 2 }] });
  const parts = found.status === "partly_sent" ? found.parts : [];
  await deliver(delivery({ sent_parts: parts }));
  expect((await slack.messages()).map(({ files }) => files?.length)).toEqual([undefined, 1]);
});
