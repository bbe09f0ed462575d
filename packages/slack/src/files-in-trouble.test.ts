import {
  createFakeContext,
  createManualClock,
  deliverUntilSettled,
  deliveryOf,
  dispatcherOf,
} from "@core/testing";
import { expect, test } from "vitest";
import { slack as integration } from "./slack.ts";
import { FAKE_BOT_TOKEN, startFakeSlack } from "./testing.ts";
import type { PostedMessage } from "./testing.ts";

const DELIVERIES = 40;

test(
  "through drops, 429 and 503 every text and every file arrives exactly once",
  { timeout: 60_000 },
  async () => {
    const clock = createManualClock();
    const slack = await startFakeSlack({ clock });
    const context = createFakeContext({
      clock,
      config: { SLACK_API_URL: slack.apiUrl },
      secrets: { SLACK_BOT_TOKEN: FAKE_BOT_TOKEN },
    });
    const dispatcher = await dispatcherOf(integration, context);
    const { files } = context;
    slack.chaos({ seed: 7, dropBefore: 0.05, dropAfter: 0.05, rateLimited: 0.1, unavailable: 0.05 });
    // Short waits for Slack's limits end by themselves.
    const ticking = setInterval(() => clock.advance(500), 5);
    const states: string[] = [];
    for (let n = 0; n < DELIVERIES; n += 1) {
      const names = [`${n}-a.csv`, `${n}-b.csv`];
      const refs = names.map((name) =>
        files.put(new Blob([`figures of ${name}`]).stream(), { name, content_type: "text/csv" }),
      );
      const delivery = deliveryOf({
        id: `delivery-${n}`,
        kind: "task_result",
        target: { channel_id: slack.channelId() },
        created_at: new Date(0).toISOString(),
        payload: {
          task_id: `task-${n}`,
          result: { text: `text ${n}`, files: await Promise.all(refs), actions: [] },
        },
      });
      states.push((await deliverUntilSettled(dispatcher, delivery, { clock, maxAttempts: 40 })).state);
    }
    clearInterval(ticking);

    const messages = await slack.messages();
    const seen = messages.flatMap(({ text, files: shown }) => shown?.map(({ name }) => name) ?? text ?? "");
    const wanted = states.flatMap((_, n) => [`text ${n}`, `${n}-a.csv`, `${n}-b.csv`]);
    expect(new Set(states)).toEqual(new Set(["delivered"]));
    expect(seen.toSorted()).toEqual(wanted.toSorted());
    for (const message of messages) expectBytes(message);
    expect(JSON.stringify(context.logger.entries)).not.toContain(FAKE_BOT_TOKEN);
    expect(slack.tiersExceeded()).toEqual([]);
    await slack.close();

    function expectBytes({ files: shown = [] }: PostedMessage): void {
      for (const { id, name } of shown) {
        expect(Buffer.from(slack.file(id)?.bytes ?? []).toString()).toBe(`figures of ${name}`);
      }
    }
  },
);
