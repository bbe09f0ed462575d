import type { HookContext, HookName } from "@core/registry";
import { createHooks } from "@core/registry";
import { createManualClock, createRecordingLogger } from "@core/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createCallBudget } from "../call-budget.ts";
import type { FakeSlack } from "../testing.ts";
import { FAKE_BOT_TOKEN, startFakeSlack } from "../testing.ts";
import { createAuditHooks } from "./audit-hooks.ts";

let slack: FakeSlack;
beforeAll(async () => {
  slack = await startFakeSlack();
});
beforeEach(() => slack.reset());
afterAll(() => slack.close());

const context: HookContext = {
  bot_id: "ada",
  session_id: null,
  channel_id: null,
  client_id: null,
  correlation_id: "c1",
  origin: null,
};
const data = { tool_name: "search", tool_args: { q: 1 }, result: "3", duration_ms: 7, error: null };

function open(channel: string | undefined) {
  const [clock, logger] = [createManualClock(), createRecordingLogger()];
  const secrets = { resolve: async () => FAKE_BOT_TOKEN };
  const access = { fetch, secrets, apiUrl: slack.apiUrl, budget: createCallBudget(clock) };
  const audit = createAuditHooks({ channel, access, clock, logger });
  const hooks = createHooks();
  for (const { event, listener } of audit.hooks) hooks.on<HookName>(event, listener);
  return { audit, hooks, clock, logger };
}

test("every call of a tool is told in the audit channel", async () => {
  const { audit, hooks } = open(slack.channelId("ops"));
  hooks.emit("after_tool_call", context, data);
  await hooks.flush();
  await audit.stop(AbortSignal.timeout(5_000));
  expect((await slack.messages(undefined, "ops")).map(({ text }) => text)).toEqual([
    "`search` by `ada` · 7 ms · `q`",
  ]);
});

test("without a channel nobody listens", () => {
  expect(open(undefined).audit.hooks).toEqual([]);
});

test("a channel that is not there is told by one warning, without the token", async () => {
  const { audit, hooks, clock, logger } = open("C404");
  for (let call = 0; call < 3; call += 1) hooks.emit("after_tool_call", context, data);
  await hooks.flush();
  await clock.elapse(60_000);
  await audit.stop(AbortSignal.timeout(5_000));
  expect(logger.entries).toMatchObject([{ level: "warn", fields: { code: "channel_not_found" } }]);
  expect(slack.calls).toHaveLength(1);
  expect(JSON.stringify(logger.entries)).not.toContain(FAKE_BOT_TOKEN);
});

test("its end does not wait for a Slack that hangs", async () => {
  const { audit, hooks } = open(slack.channelId());
  slack.meet("chat.postMessage", "hang");
  hooks.emit("after_tool_call", context, data);
  await hooks.flush();
  await slack.hanging();
  const ending = new AbortController();
  const stopped = audit.stop(ending.signal);
  ending.abort();
  await expect(stopped).resolves.toBeUndefined();
});
