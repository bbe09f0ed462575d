import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { testEngines } from "@core/database/testing";
import type { FakeSlack } from "@integration/slack/testing";
import { FAKE_BOT_TOKEN, startFakeSlack } from "@integration/slack/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../testing/eventually.ts";
import type { ServerDatabase } from "../testing/server-database.ts";
import { createServerDatabase } from "../testing/server-database.ts";
import type { ServerProcess } from "../testing/server-process.ts";
import { makeDataDir, startServerProcess } from "../testing/server-process.ts";
import { runSlackKills } from "../testing/slack-kill-run.ts";
import type { TaskView } from "../testing/task-view.ts";
import { readTask, settledTask } from "../testing/task-view.ts";

const bots = [
  {
    id: "aria-1",
    name: "aria",
    display_name: "Aria",
    integration_config: { slack: { icon_emoji: ":robot_face:" } },
  },
];
/** The same on all servers of a test, as servers on one database need them. */
const keys = {
  API_KEY: "a-key-of-these-tests",
  SIGNING_SECRET: `whsec_${Buffer.alloc(32, 7).toString("base64")}`,
  ENCRYPTION_KEY: Buffer.alloc(32, 7).toString("base64"),
};

let slack: FakeSlack;
beforeAll(async () => {
  slack = await startFakeSlack({ rateLimits: "observed" });
});
afterEach(() => slack.reset());
afterAll(() => slack.close());

describe.each(testEngines)("Slack behind the server on %s", (engine) => {
  let database: ServerDatabase;
  let server: ServerProcess;
  const started: ServerProcess[] = [];

  beforeAll(async () => {
    database = await createServerDatabase(engine);
    const botsFile = join(await makeDataDir(), "bots.json");
    await writeFile(botsFile, JSON.stringify(bots));
    server = await start({ ...withToken(), BOTS_FILE: botsFile });
  });
  afterAll(async () => {
    for (const one of started) await one.dispose();
    await database.dispose();
  });

  it("answers in the thread, under the bot's name and icon", async () => {
    const thread = await slack.say("Hello?");
    const { id } = await post(server, "Good morning.", { bot_id: "aria-1", thread });
    const done = await settledTask(server, id);
    expect(done.deliveries).toMatchObject([{ status: "delivered", attempt: 1 }]);

    const [, reply] = await slack.messages(thread);
    expect(reply).toMatchObject({
      text: "Good morning.",
      username: "Aria",
      ts: done.deliveries[0]?.external_ids[0],
    });
    expect(reply?.metadata).toMatchObject({
      event_payload: { delivery_id: done.deliveries[0]?.id, part: 0 },
    });
    const call = slack.calls.find(({ method }) => method === "chat.postMessage");
    expect(call?.form).toMatchObject({ thread_ts: thread, username: "Aria", icon_emoji: ":robot_face:" });
    expect(call?.authorization).toBe(`Bearer ${FAKE_BOT_TOKEN}`);
  });

  it("posts once when its answer is lost, and finds that out from Slack", async () => {
    slack.meet("chat.postMessage", "drop_after");
    const { id } = await post(server, "Only once.");
    const done = await settledTask(server, id);
    expect(done.deliveries).toMatchObject([
      { status: "delivered", attempt: 2, failures: [{ code: "answer_lost" }] },
    ]);
    expect(await slack.messages()).toHaveLength(1);
    expect(slack.calls.filter(({ method }) => method === "chat.postMessage")).toHaveLength(1);
  });

  it("shows the token in nothing that it prints or answers", async () => {
    const { id } = await post(server, `My token is ${FAKE_BOT_TOKEN}.`);
    await settledTask(server, id);
    const listed = await (await server.request("/api/v1/integrations")).text();
    expect(server.output() + listed).not.toContain(FAKE_BOT_TOKEN);
    expect(JSON.parse(listed)).toMatchObject({ items: [{ type: "slack", status: "ready" }] });
  });

  it("refuses a target with a token or a wrong channel", async () => {
    for (const [target, field] of [
      [{ channel_id: slack.channelId(), token: FAKE_BOT_TOKEN }, "dispatch_config.token"],
      [{ channel_id: "#eng" }, "dispatch_config.channel_id"],
    ] as const) {
      const response = await server.request("/api/v1/tasks", {
        prompt: "x",
        dispatch_type: "slack",
        dispatch_config: target,
      });
      expect(response.status).toBe(422);
      expect(await response.json()).toMatchObject({ errors: [{ field }] });
    }
  });

  async function start(env: Record<string, string>, dataDir?: string): Promise<ServerProcess> {
    const options = { env: { ...database.env, ...keys, ...env }, ...(dataDir !== undefined && { dataDir }) };
    const process = await startServerProcess(options);
    started.push(process);
    return process;
  }
});

describe.each(testEngines)("a server without the token on %s", (engine) => {
  it("says so, runs tasks, and keeps their replies until one has it", async () => {
    const database = await createServerDatabase(engine);
    const dataDir = await makeDataDir();
    const without = await startServerProcess({ env: { ...database.env, ...keys }, dataDir });
    const health = (await (await fetch(`${without.url}/health`)).json()) as object;
    expect(health).toMatchObject({
      status: "ok",
      integrations: [{ type: "slack", status: "not_configured", missing: ["SLACK_BOT_TOKEN"] }],
    });
    const { id } = await post(without, "Later.");
    const parked = await eventually(async () => {
      const task = await readTask(without, id);
      return task.deliveries[0]?.status === "parked" ? task : null;
    });
    expect(parked).toMatchObject({
      status: "complete",
      deliveries: [{ park_reason: "unavailable", attempt: 0 }],
    });
    await without.kill();

    const having = await startServerProcess({ env: { ...database.env, ...keys, ...withToken() }, dataDir });
    expect((await settledTask(having, id)).deliveries).toMatchObject([{ status: "delivered", attempt: 1 }]);
    expect(await slack.messages()).toMatchObject([{ text: "Later." }]);
    await having.dispose();
    await database.dispose();
  });
});

describe("two servers on one Postgres", () => {
  it("park nothing that one of them can send", async () => {
    const database = await createServerDatabase("postgres");
    const without = await startServerProcess({ env: { ...database.env, ...keys } });
    const having = await startServerProcess({ env: { ...database.env, ...keys, ...withToken() } });
    const ids: string[] = [];
    for (let n = 0; n < 10; n += 1) ids.push((await post(without, `From the other one, ${n}.`)).id);
    for (const id of ids) {
      const { deliveries } = await settledTask(without, id);
      expect(deliveries).toMatchObject([{ status: "delivered", park_reason: null, failures: [] }]);
    }
    expect(await slack.messages()).toHaveLength(10);
    await without.dispose();
    await having.dispose();
    await database.dispose();
  });

  it("need the same keys: the second is refused and told which to set", async () => {
    const database = await createServerDatabase("postgres");
    const first = await startServerProcess({ env: database.env });
    const second = startServerProcess({ env: { ...database.env, API_KEY: first.apiKey } });
    await expect(second).rejects.toThrow(
      /Another server works on this database with another SIGNING_SECRET and another ENCRYPTION_KEY|SIGNING_SECRET.*ENCRYPTION_KEY/s,
    );
    await second.catch((error: unknown) => expect(String(error)).not.toMatch(/whsec_|Set API_KEY/));

    await first.kill();
    const alone = await startServerProcess({ env: database.env });
    await alone.dispose();
    await database.dispose();
  });
});

it(
  "loses no reply and repeats none when Slack drops connections and the server is killed",
  { timeout: 180_000 },
  async () => {
    const report = await runSlackKills({
      tasks: 24,
      killEveryMs: 600,
      chaos: { seed: Date.now(), dropBefore: 0.1, dropAfter: 0.1, late: 0.7, methods: ["chat.postMessage"] },
      env: {},
      random: Math.random,
    });
    expect(report.faults).toEqual([]);
    expect(report.delivered + report.held).toBe(report.accepted);
    expect(report.kills).toBeGreaterThan(0);
  },
);

function withToken(): Record<string, string> {
  return { SLACK_BOT_TOKEN: FAKE_BOT_TOKEN, SLACK_API_URL: slack.apiUrl };
}

async function post(
  server: ServerProcess,
  prompt: string,
  { thread, ...more }: { readonly thread?: string; readonly bot_id?: string } = {},
): Promise<TaskView> {
  const response = await server.request("/api/v1/tasks", {
    prompt,
    dispatch_type: "slack",
    dispatch_config: { channel_id: slack.channelId(), ...(thread !== undefined && { thread_ts: thread }) },
    ...more,
  });
  expect(response.status).toBe(201);
  return (await response.json()) as TaskView;
}
