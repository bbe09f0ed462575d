import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FakeSlack, PostedMessage } from "@integration/slack/testing";
import { FAKE_BOT_TOKEN, FAKE_TEAM_ID, startFakeSlack } from "@integration/slack/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../testing/eventually.ts";
import type { ServerProcess } from "../testing/server-process.ts";
import { makeDataDir, startServerProcess } from "../testing/server-process.ts";
import type { TaskView } from "../testing/task-view.ts";
import { readTask, settledTask } from "../testing/task-view.ts";

/** An agent that takes its time, but for what is quick. */
const scenes = [
  { prompt: "Quick", steps: [{ text: "{{prompt}}" }] },
  {
    steps: [
      { text: "One, " },
      { delay_ms: 1_500 },
      { tool: "search", args: { query: "a secret" }, result: "found", duration_ms: 1_000 },
      { text: "two, " },
      { delay_ms: 1_500 },
      { text: "three." },
    ],
  },
];

let slack: FakeSlack;
let dataDir: string;
let server: ServerProcess;
beforeAll(async () => {
  slack = await startFakeSlack();
  dataDir = await makeDataDir();
});
afterEach(async () => {
  await server.dispose();
  await slack.reset();
});
afterAll(() => slack.close());

describe("while an agent works for a message in Slack", () => {
  it("the message shows it, the reply grows, and the audit channel is told", async () => {
    server = await start();
    const thread = await slack.say("Tell me.");
    const { id } = await ask(thread);
    await eventually(async () => (await slack.reactions(thread)).includes("mag") || null);
    expect(await slack.reactions(thread)).toEqual(["hourglass_flowing_sand", "mag"]);
    expect(await replies(thread)).toMatchObject([{ text: "One, ", streaming_state: "in_progress" }]);
    const { deliveries } = await settledTask(server, id);
    const [reply, ...more] = await replies(thread);
    expect(reply).toMatchObject({ text: "One, two, three.", streaming_state: "completed" });
    expect(more).toEqual([]);
    expect(deliveries).toMatchObject([{ status: "delivered", external_ids: [reply?.ts] }]);
    await eventually(async () => (await slack.reactions(thread)).length === 1 || null);
    expect(await slack.reactions(thread)).toEqual(["white_check_mark"]);
    const audit = (await slack.messages(undefined, "ops")).map(({ text }) => text);
    expect(audit).toMatchObject([expect.stringMatching(/^`search` .* `query`$/)]);
  });

  it("neither other threads nor the channel itself wait for its reply, and what comes behind it does", async () => {
    server = await start();
    const [thread, other] = [await slack.say("Tell me."), await slack.say("And me?")];
    const slow = await ask(thread);
    await eventually(async () => (await replies(thread)).length === 1 || null);
    const behind = await ask(thread, "Quick one, behind it.");
    const aside = [await ask(other, "Quick one, elsewhere."), await ask(null, "Quick one, for all.")];
    for (const { id } of aside) await settledTask(server, id);
    expect(await replies(other)).toMatchObject([{ text: "Quick one, elsewhere." }]);
    expect(await slack.messages()).toContainEqual(expect.objectContaining({ text: "Quick one, for all." }));
    expect(await replies(thread)).toMatchObject([{ text: "One, ", streaming_state: "in_progress" }]);
    for (const { id } of [slow, behind]) await settledTask(server, id);
    expect(textsOf(await replies(thread))).toEqual(["One, two, three.", "Quick one, behind it."]);
  });

  it("a reply into the channel itself is one message in the end", async () => {
    server = await start();
    const { deliveries } = await settledTask(server, (await ask(null)).id);
    expect(deliveries).toMatchObject([{ status: "delivered" }]);
    expect(textsOf(await slack.messages())).toEqual(["One, two, three."]);
    const methods = slack.calls.map(({ method }) => method).filter((method) => method.startsWith("chat."));
    expect(methods.filter((method) => method !== "chat.postMessage")).toEqual([]);
  });

  it("a person who presses Stop cancels the task, and keeps what there was", async () => {
    server = await start();
    const thread = await slack.say("Tell me.");
    const { id } = await ask(thread);
    await eventually(async () => (await replies(thread)).length === 1 || null);
    slack.pressStop(thread);
    const ended = await eventually(async () => {
      const task = await readTask(server, id);
      return task.status !== "running" && task;
    });
    expect(ended).toMatchObject({ status: "cancelled", deliveries: [{ status: "skipped" }] });
    await eventually(async () => (await slack.reactions(thread)).length === 0 || null);
    expect(await replies(thread)).toMatchObject([{ text: "One, ", streaming_state: "completed" }]);
    const [message] = await replies(thread);
    expect(slack.stream(message?.ts ?? "")?.state).toBe("stopped_by_user");
  });

  it("a kill as Slack takes the beginning of a reply leaves no beginning beside it", async () => {
    server = await start();
    const thread = await slack.say("Tell me.");
    slack.meet("chat.startStream", { lateMs: 3_000 });
    const { id } = await ask(thread);
    const [begun] = await eventually(async () => {
      const begunReplies = await replies(thread);
      return begunReplies.length > 0 && begunReplies;
    });
    await server.kill("SIGKILL");
    server = await start();
    const { deliveries } = await settledTask(server, id);
    expect(deliveries).toMatchObject([{ status: "delivered", external_ids: [begun?.ts] }]);
    expect(textsOf(await replies(thread))).toEqual(["One, two, three."]);
  });

  it("a kill loses nothing and leaves nothing behind", async () => {
    server = await start();
    const thread = await slack.say("Tell me.");
    const { id } = await ask(thread);
    await eventually(async () => (await slack.reactions(thread)).includes("mag") || null);
    await server.kill("SIGKILL");
    server = await start();
    const { deliveries } = await settledTask(server, id);
    expect(deliveries).toMatchObject([{ status: "delivered" }]);
    expect(await replies(thread)).toMatchObject([{ text: "One, two, three." }]);
    await eventually(async () => (await slack.reactions(thread)).length === 1 || null);
    expect(await slack.reactions(thread)).toEqual(["white_check_mark"]);
  });
});

async function start(): Promise<ServerProcess> {
  const script = join(dataDir, "script.json");
  await writeFile(script, JSON.stringify({ scenes }));
  return startServerProcess({
    dataDir,
    env: {
      AGENT: "script",
      AGENT_SCRIPT: script,
      SLACK_BOT_TOKEN: FAKE_BOT_TOKEN,
      SLACK_API_URL: slack.apiUrl,
      SLACK_AUDIT_CHANNEL: slack.channelId("ops"),
    },
  });
}

/** A task as the message itself would cause it; without one, for the channel. */
async function ask(thread: string | null, prompt = "Tell me."): Promise<TaskView> {
  const channel_id = slack.channelId();
  const reader = { team_id: FAKE_TEAM_ID, user_id: slack.userId() };
  const answering = thread !== null && {
    dispatch_config: { channel_id, thread_ts: thread },
    origin: { integration: "slack", ref: { channel_id, message_ts: thread, ...reader } },
  };
  const task = { prompt, dispatch_type: "slack", dispatch_config: { channel_id }, ...answering };
  const response = await server.request("/api/v1/tasks", task);
  expect(response.status).toBe(201);
  return (await response.json()) as TaskView;
}

async function replies(thread: string): Promise<readonly PostedMessage[]> {
  return (await slack.messages(thread)).slice(1);
}

function textsOf(messages: readonly PostedMessage[]): readonly (string | undefined)[] {
  return messages.map(({ text }) => text);
}
