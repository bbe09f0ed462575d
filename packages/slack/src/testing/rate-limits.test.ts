import { createManualClock } from "@core/testing";
import { WebAPIRateLimitedError } from "@slack/web-api";
import type { WebClient } from "@slack/web-api";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { FakeSlack } from "./fake-slack.ts";
import { startFakeSlack } from "./fake-slack.ts";
import { clientOf } from "./test-client.ts";

const clock = createManualClock();
let slack: FakeSlack;
let client: WebClient;
beforeAll(async () => {
  slack = await startFakeSlack({ clock });
  client = clientOf(slack);
});
beforeEach(() => slack.reset());
afterAll(() => slack.close());

/** The seconds that Slack asks to wait; 0 when the call passed. */
async function waitOf(call: Promise<unknown>): Promise<number> {
  try {
    await call;
    return 0;
  } catch (error) {
    if (error instanceof WebAPIRateLimitedError) return error.retryAfter;
    throw error;
  }
}

function post(channel = "eng"): Promise<number> {
  return waitOf(client.chat.postMessage({ channel: slack.channelId(channel), text: "Hello." }));
}

async function times(count: number, call: () => Promise<number>): Promise<readonly number[]> {
  const waits: number[] = [];
  for (let n = 0; n < count; n += 1) waits.push(await call());
  return waits;
}

test("a tier is so many calls a minute, and then Slack says how long to wait", async () => {
  const list = (): Promise<number> => waitOf(client.users.list({}));
  expect(await times(19, list)).toEqual(Array(19).fill(0));
  clock.advance(20_000);
  expect(await times(2, list)).toEqual([0, 40]);
  clock.advance(39_999);
  expect(await list()).toBe(1);
  clock.advance(1);
  expect(await list()).toBe(0);
});

describe("posts", () => {
  test("come once a second into a channel, in bursts of five, and other channels are free", async () => {
    expect(await times(6, () => post())).toEqual([0, 0, 0, 0, 0, 5]);
    expect(await post("ops")).toBe(0);
    clock.advance(5_000);
    expect(await post()).toBe(0);
  });

  test("at the end of a span belong to the next one", async () => {
    await times(5, () => post());
    clock.advance(5_000);
    expect(await post()).toBe(0);
    expect(slack.tiersExceeded()).toEqual([]);
  });

  test("that were refused do not lengthen the wait", async () => {
    await times(5, () => post());
    clock.advance(4_000);
    expect(await times(3, () => post())).toEqual([1, 1, 1]);
    clock.advance(1_000);
    expect(await times(5, () => post())).toEqual([0, 0, 0, 0, 0]);
  });
});

test("another app has limits of its own", async () => {
  const shared = await startFakeSlack({ clock, bots: [{ token: "xoxb-other-1", appId: "A2" }] });
  const posts = (token?: string): Promise<number> =>
    waitOf(clientOf(shared, token).chat.postMessage({ channel: shared.channelId(), text: "Hello." }));
  expect(await times(6, () => posts())).toEqual([0, 0, 0, 0, 0, 5]);
  expect(await posts("xoxb-other-1")).toBe(0);
  await shared.close();
});

test("one method's limit is no other's", async () => {
  await times(21, () => waitOf(client.users.list({})));
  expect(await post()).toBe(0);
});

test("what was called too often is told, with how often", async () => {
  expect(slack.tiersExceeded()).toEqual([]);
  await times(5, () => post());
  expect(slack.tiersExceeded()).toEqual([]);
  await times(2, () => post());
  expect(slack.tiersExceeded()).toEqual([
    {
      appId: "A1",
      method: "chat.postMessage",
      channel: slack.channelId(),
      calls: 5,
      perMs: 5_000,
      highest: 7,
    },
  ]);
});

test("when the limits are only observed, nothing is refused", async () => {
  const lenient = await startFakeSlack({ clock, rateLimits: "observed" });
  const web = clientOf(lenient);
  for (let n = 0; n < 6; n += 1) await web.chat.postMessage({ channel: lenient.channelId(), text: "Hello." });
  expect(lenient.tiersExceeded()).toMatchObject([{ method: "chat.postMessage", highest: 6 }]);
  await lenient.close();
});

test("limits can be other ones", async () => {
  const limits = {
    "chat.postMessage/channel": { calls: 1, perMs: 1_000 },
    "auth.test": { calls: 1, perMs: 60_000 },
  };
  const other = await startFakeSlack({ clock, limits });
  const web = clientOf(other);
  const hello = (): Promise<number> =>
    waitOf(web.chat.postMessage({ channel: other.channelId(), text: "Hello." }));
  expect(await times(2, hello)).toEqual([0, 1]);
  expect(await times(2, () => waitOf(web.auth.test()))).toEqual([0, 60]);
  await other.close();
});

test("what a person says counts for nobody", async () => {
  for (let n = 0; n < 9; n += 1) await slack.say("Hello?");
  expect(slack.rates()).toEqual([]);
});
