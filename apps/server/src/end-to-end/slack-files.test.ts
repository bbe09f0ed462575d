import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { testEngines } from "@core/database/testing";
import type { FakeSlack } from "@integration/slack/testing";
import { FAKE_BOT_TOKEN, POST_ONLY_TOKEN, startFakeSlack } from "@integration/slack/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../testing/eventually.ts";
import type { ServerDatabase } from "../testing/server-database.ts";
import { createServerDatabase } from "../testing/server-database.ts";
import type { ServerProcess } from "../testing/server-process.ts";
import { makeDataDir, startServerProcess } from "../testing/server-process.ts";
import { storedText } from "../testing/stored-text.ts";
import { settledTask } from "../testing/task-view.ts";

const BYTES = randomBytes(700_000);
const SCENE = {
  scenes: [
    {
      steps: [
        { text: "The figures." },
        { file: { name: "figures.bin", base64: BYTES.toString("base64") } },
        { file: { name: "notes.txt", content_type: "text/plain", text: "Notes." } },
      ],
    },
  ],
};

let slack: FakeSlack;
beforeAll(async () => {
  slack = await startFakeSlack({ rateLimits: "observed" });
});
afterEach(() => slack.reset());
afterAll(() => slack.close());

describe.each(testEngines)("files of a result on %s", (engine) => {
  let database: ServerDatabase;
  const started: ServerProcess[] = [];
  beforeAll(async () => {
    database = await createServerDatabase(engine);
  });
  afterAll(async () => {
    for (const one of started) await one.dispose();
    await database.dispose();
  });

  it("come into the thread behind the text, byte for byte", async () => {
    const server = await start();
    const thread = await slack.say("The figures?");
    const { deliveries } = await settledTask(server, await run(server, thread));
    expect(deliveries).toMatchObject([{ status: "delivered", attempt: 1 }]);
    await expectFiles(thread);
    const [, ...sent] = await slack.messages(thread);
    const names = sent.flatMap(({ ts, files }) => files?.map(({ id }) => id) ?? ts);
    expect(deliveries[0]?.external_ids).toEqual(names);
    expect(server.output()).not.toContain(FAKE_BOT_TOKEN);
    await server.dispose();
  });

  it("come once, though the server is killed before it knows that Slack has them, and no token is stored", async () => {
    const dataDir = await makeDataDir();
    const first = await start({}, dataDir);
    const thread = await slack.say("The figures?");
    slack.meet("files.completeUploadExternal", { lateMs: 60_000 });
    const id = await run(first, thread);
    await eventually(async () => (await slack.messages(thread)).some(({ files }) => files !== undefined));
    await first.kill("SIGKILL");

    const second = await start({}, dataDir);
    const { deliveries } = await settledTask(second, id);
    expect(deliveries).toMatchObject([{ status: "delivered" }]);
    await expectFiles(thread);
    const shares = slack.calls.filter(({ method }) => method === "files.completeUploadExternal");
    expect(shares).toHaveLength(1);
    const answer = JSON.stringify(deliveries);
    await second.kill();
    const { DATABASE_URL: url } = database.env;
    const stored = await storedText(url === undefined ? { dataDir } : { url });
    expect(stored).toContain(id);
    expect(stored + answer + second.output()).not.toContain(FAKE_BOT_TOKEN);
    await second.dispose();
  });

  it("come as links when the app may not upload", async () => {
    const server = await start({ SLACK_BOT_TOKEN: POST_ONLY_TOKEN, PUBLIC_URL: "https://agent.example.com" });
    const thread = await slack.say("The figures?");
    await settledTask(server, await run(server, thread));
    const [, , words] = await slack.messages(thread);
    expect(words?.text).toMatch(
      /^figures\.bin \(700\.0 kB\): https:\/\/agent\.example\.com\/api\/v1\/files\/.*\nnotes\.txt \(6 bytes\): https:/,
    );
    await server.dispose();
  });

  async function start(env: Record<string, string> = {}, dataDir?: string): Promise<ServerProcess> {
    const folder = dataDir ?? (await makeDataDir());
    const script = join(await makeDataDir(), "script.json");
    await writeFile(script, JSON.stringify(SCENE));
    const agent = { AGENT: "script", AGENT_SCRIPT: script };
    const token = { SLACK_BOT_TOKEN: FAKE_BOT_TOKEN, SLACK_API_URL: slack.apiUrl };
    const server = await startServerProcess({
      dataDir: folder,
      env: { ...database.env, ...KEYS, ...agent, ...token, ...env },
    });
    started.push(server);
    return server;
  }
});

/** The same on all servers of a test, as servers on one database need them. */
const KEYS = {
  API_KEY: "a-key-of-these-tests",
  SIGNING_SECRET: `whsec_${Buffer.alloc(32, 7).toString("base64")}`,
  ENCRYPTION_KEY: Buffer.alloc(32, 7).toString("base64"),
};

async function run(server: ServerProcess, thread: string): Promise<string> {
  const response = await server.request("/api/v1/tasks", {
    prompt: "The figures?",
    dispatch_type: "slack",
    dispatch_config: { channel_id: slack.channelId(), thread_ts: thread },
  });
  expect(response.status).toBe(201);
  return ((await response.json()) as { id: string }).id;
}

async function expectFiles(thread: string): Promise<void> {
  const [, text, shared, ...more] = await slack.messages(thread);
  expect([text?.text, more]).toEqual(["The figures.", []]);
  const [figures, notes] = shared?.files ?? [];
  expect([figures?.name, notes?.name]).toEqual(["figures.bin", "notes.txt"]);
  expect(BYTES.equals(Buffer.from(slack.file(figures?.id ?? "")?.bytes ?? []))).toBe(true);
  expect(Buffer.from(slack.file(notes?.id ?? "")?.bytes ?? []).toString()).toBe("Notes.");
}
