import { createRegistry } from "@core/registry";
import type { ChannelRef } from "@core/registry";
import { createFakeContext } from "@core/testing";
import type { FakeContext } from "@core/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createDisplayNames } from "./display-names.ts";
import type { DisplayNames } from "./display-names.ts";
import { slack as integration } from "./slack.ts";
import { createSlackMeans } from "./slack-means.ts";
import { FAKE_BOT_TOKEN, lackOfScope, rateLimited, startFakeSlack } from "./testing.ts";
import type { FakeSlack } from "./testing.ts";

let slack: FakeSlack;
let context: FakeContext<{ SLACK_API_URL: string }>;
let names: DisplayNames;
beforeAll(async () => {
  slack = await startFakeSlack();
});
beforeEach(async () => {
  await slack.reset();
  const secrets = { SLACK_BOT_TOKEN: FAKE_BOT_TOKEN };
  context = createFakeContext({ config: { SLACK_API_URL: slack.apiUrl }, secrets });
  const means = createSlackMeans({ ...context, fetch, apiUrl: slack.apiUrl });
  names = createDisplayNames({ ...means, logger: context.logger });
});
afterAll(() => slack.close());

const INFO = "conversations.info";

function channel(id: string, clientId: string): ChannelRef {
  return { id, client_id: clientId, integration: "slack" };
}

function asked(): string[] {
  return slack.calls.map(({ method }) => method);
}

test("channels are called as in Slack, direct messages by the person", async () => {
  const refs = [
    channel("1", `slack:${slack.channelId("eng")}`),
    channel("2", `slack:${slack.channelId("ops")}`),
    channel("3", `slack:${await slack.directMessageId()}`),
    channel("4", `slack:${slack.userId()}`),
  ];
  const found = await names.ofChannels(refs);
  expect(found).toEqual({ 1: "#eng", 2: "#ops", 3: expect.stringMatching(/^@/), 4: "@ada" });
  expect(await names.ofUser(slack.userId())).toBe("ada");
});

test("many who ask for one name make one call, and so does asking again within ten minutes", async () => {
  const ref = [channel("1", `slack:${slack.channelId()}`)];
  await Promise.all(Array.from({ length: 20 }, () => names.ofChannels(ref)));
  context.clock.advance(599_999);
  await names.ofChannels(ref);
  expect(asked()).toEqual([INFO]);
  context.clock.advance(1);
  await names.ofChannels(ref);
  expect(asked()).toEqual([INFO, INFO]);
});

test("a name that Slack does not tell is left out, asked for again soon, and no other is lost by it", async () => {
  const refs = [
    channel("1", `slack:${slack.channelId("eng")}`),
    channel("2", `slack:${slack.channelId("ops")}`),
  ];
  slack.meet(INFO, lackOfScope("channels:read"));
  expect(Object.keys(await names.ofChannels(refs))).toHaveLength(1);
  context.clock.advance(30_000);
  expect(await names.ofChannels(refs)).toEqual({ 1: "#eng", 2: "#ops" });
  expect(JSON.stringify(context.logger.entries)).not.toContain(FAKE_BOT_TOKEN);
});

test("what is no channel of Slack's is not asked for", async () => {
  expect(await names.ofChannels([channel("1", "slack:general"), channel("2", "mail:C1")])).toEqual({});
  expect(asked()).toEqual([]);
});

test("more names than Slack tells in a minute are told as far as they go, without waiting", async () => {
  const refs = Array.from({ length: 60 }, (_, n) => channel(`${n}`, `slack:C${n}`));
  await names.ofChannels(refs);
  expect(asked()).toHaveLength(50);
  expect(slack.tiersExceeded()).toEqual([]);
});

test("after a 429 no more names are asked for until Slack takes them", async () => {
  const ref = (name: string): ChannelRef => channel(name, `slack:${slack.channelId(name)}`);
  slack.meet(INFO, rateLimited(40));
  expect(await names.ofChannels([ref("eng")])).toEqual({});
  expect(await names.ofChannels([ref("ops")])).toEqual({});
  expect(asked()).toEqual([INFO]);
  context.clock.advance(40_000);
  expect(await names.ofChannels([ref("ops")])).toEqual({ ops: "#ops" });
});

test("without a token there are no names, and no failure", async () => {
  const means = createSlackMeans({ ...context, fetch, secrets: { resolve: async () => null } });
  const without = createDisplayNames({ ...means, logger: context.logger });
  expect(await without.ofChannels([channel("1", `slack:${slack.channelId()}`)])).toEqual({});
});

test("a registry asks the configured integration", async () => {
  const registry = createRegistry({ integrations: [integration] });
  const refs = [channel("1", `slack:${slack.channelId()}`)];
  expect(await registry.resolveAllDisplayNames(refs)).toEqual({});
  registry.activate("slack", (await integration.setup?.(context)) ?? {});
  expect(await registry.resolveAllDisplayNames(refs)).toEqual({ 1: "#eng" });
});
