import { createManualClock } from "@core/testing";
import { WebAPIHTTPError, WebAPIRateLimitedError, WebAPIRequestError } from "@slack/web-api";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { FakeSlack } from "./fake-slack.ts";
import { startFakeSlack } from "./fake-slack.ts";
import { lackOfScope, rateLimited, refusal, unavailable } from "./faults.ts";
import { clientOf } from "./test-client.ts";

const POST = "chat.postMessage";
const clock = createManualClock();
let slack: FakeSlack;
beforeAll(async () => {
  slack = await startFakeSlack({ clock, rateLimits: "observed" });
});
beforeEach(() => slack.reset());
afterAll(() => slack.close());

function post(): Promise<unknown> {
  return clientOf(slack).chat.postMessage({ channel: slack.channelId(), text: "Hello." });
}

async function shown(): Promise<number> {
  return (await slack.messages()).length;
}

describe("the next call", () => {
  test("can lose its connection before Slack has it, or after", async () => {
    slack.meet(POST, "drop_before", "drop_after");
    await expect(post()).rejects.toThrow(WebAPIRequestError);
    expect(await shown()).toBe(0);
    await expect(post()).rejects.toThrow(WebAPIRequestError);
    expect(await shown()).toBe(1);
    expect(slack.calls.map(({ fault }) => fault)).toEqual(["drop_before", "drop_after"]);
  });

  test("can be told to wait, with how long and without", async () => {
    slack.meet(POST, rateLimited(30), rateLimited());
    await expect(post()).rejects.toMatchObject({ retryAfter: 30 });
    await expect(post()).rejects.not.toBeInstanceOf(WebAPIRateLimitedError);
    expect(await shown()).toBe(0);
  });

  test("can find Slack away", async () => {
    slack.meet(POST, unavailable());
    await expect(post()).rejects.toThrow(WebAPIHTTPError);
  });

  test("can be refused as Slack refuses", async () => {
    slack.meet(POST, refusal("is_archived"), lackOfScope("chat:write"));
    await expect(post()).rejects.toMatchObject({ data: { error: "is_archived" } });
    await expect(post()).rejects.toMatchObject({ data: { error: "missing_scope", needed: "chat:write" } });
  });

  test("can be answered late", async () => {
    slack.meet(POST, { lateMs: 1_000 });
    let isAnswered = false;
    const answer = post().then(() => (isAnswered = true));
    while (clock.pending() === 0) await new Promise(setImmediate);
    expect([isAnswered, await shown()]).toEqual([false, 1]);
    clock.advance(1_000);
    await answer;
  });

  test("can pass before one that does not", async () => {
    slack.meet(POST, null, unavailable());
    await post();
    await expect(post()).rejects.toThrow(WebAPIHTTPError);
    await post();
    expect(await shown()).toBe(2);
  });

  test("of another method is not meant", async () => {
    slack.meet("auth.test", unavailable());
    await post();
    await expect(clientOf(slack).auth.test()).rejects.toThrow(WebAPIHTTPError);
  });
});

describe("chaos", () => {
  async function faultsOf(seed: number): Promise<readonly unknown[]> {
    await slack.reset();
    slack.chaos({
      seed,
      dropBefore: 0.1,
      dropAfter: 0.1,
      rateLimited: 0.2,
      unavailable: 0.1,
      methods: [POST],
    });
    for (let n = 0; n < 60; n += 1) await post().catch(() => {});
    return slack.calls.map(({ fault }) => fault);
  }

  test("gives each fault its share, the same for the same seed", async () => {
    const first = await faultsOf(7);
    const dropped = first.filter((fault) => typeof fault === "string").length;
    expect(dropped).toBeGreaterThan(3);
    expect(first.filter((fault) => fault === null).length).toBeGreaterThan(20);
    expect(await faultsOf(7)).toEqual(first);
    expect(await faultsOf(8)).not.toEqual(first);
    const arrived = slack.calls.filter(({ fault }) => fault === null || fault === "drop_after").length;
    expect(await shown()).toBe(arrived);
  });

  test("gives every call a fault when the shares are all of them", async () => {
    slack.chaos({ seed: 1, dropBefore: 0.5, unavailable: 0.5 });
    for (let n = 0; n < 20; n += 1) await post().catch(() => {});
    expect(new Set(slack.calls.map(({ fault }) => typeof fault))).toEqual(new Set(["string", "object"]));
    expect(slack.calls.map(({ fault }) => fault)).not.toContain(null);
  });

  test("leaves other methods alone, and ends when told to", async () => {
    const end = slack.chaos({ seed: 1, unavailable: 1, methods: [POST] });
    await clientOf(slack).auth.test();
    await expect(post()).rejects.toThrow(WebAPIHTTPError);
    end();
    await post();
  });

  test("comes after the faults that were planned", async () => {
    slack.chaos({ seed: 1, unavailable: 1 });
    slack.meet(POST, null);
    await post();
    await expect(post()).rejects.toThrow(WebAPIHTTPError);
  });
});
