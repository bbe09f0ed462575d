import { systemClock } from "@core/registry";
import { createRecordingLogger } from "@core/testing";
import { expect, test } from "vitest";
import { createCallBudget } from "./call-budget.ts";
import { createSlackClient } from "./client.ts";
import { createSlackWeb } from "./slack-web.ts";

test("the log shows what Slack warns of, and neither the message nor the token", async () => {
  const logger = createRecordingLogger();
  const answer = { ok: true, ts: "1.1", response_metadata: { warnings: ["message_truncated"] } };
  const web = createSlackWeb({
    token: "xoxb-1",
    team: "T1",
    budget: createCallBudget(systemClock),
    logger,
    fetch: async () => Response.json(answer),
    signal: new AbortController().signal,
  });
  const client = createSlackClient(web);
  const place = { channel: "C1", threadTs: undefined };
  const metadata = { event_type: "x", event_payload: { delivery_id: "d1", part: 0, parts: 1 } };
  await client.post({ ...place, content: { text: "Between us." }, author: {}, metadata });
  expect(logger.entries).toEqual([
    {
      level: "debug",
      fields: { sdk_message: "message_truncated" },
      message: "Slack's SDK has a remark.",
    },
  ]);
});
