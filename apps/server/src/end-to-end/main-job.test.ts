import { verifyWebhook } from "@core/outbound";
import { testEngines } from "@core/database/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../testing/eventually.ts";
import type { Receiver } from "../testing/receiver.ts";
import { startReceiver } from "../testing/receiver.ts";
import type { ServerDatabase } from "../testing/server-database.ts";
import { createServerDatabase } from "../testing/server-database.ts";
import type { ServerProcess } from "../testing/server-process.ts";
import { startServerProcess } from "../testing/server-process.ts";
import type { TaskView } from "../testing/task-view.ts";
import { readTask, settledTask } from "../testing/task-view.ts";

const signingSecret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

describe.each(testEngines)("the main job on %s", (engine) => {
  let database: ServerDatabase;
  let server: ServerProcess;

  beforeAll(async () => {
    database = await createServerDatabase(engine);
    server = await startServerProcess({
      env: {
        ...database.env,
        AGENT: "command",
        AGENT_COMMAND: "tr a-z A-Z",
        OUTBOUND_ALLOW: "127.0.0.0/8",
        OUTBOUND_TIMEOUT_MS: "300",
        SIGNING_SECRET: signingSecret,
      },
    });
  });

  afterAll(async () => {
    await server.dispose();
    await database.dispose();
  });

  it("brings a command's answer to the address that was named, once and signed", async () => {
    await using receiver = await startReceiver();
    const task = await post(server, receiver, "hello");
    const [request] = await receiver.received(1);
    if (request === undefined) throw new Error("nothing came");
    verifyWebhook({ headers: request.headers, rawBody: request.body, secrets: [signingSecret] });
    expect(JSON.parse(request.body)).toEqual({ task_id: task.id, result: "HELLO" });

    const done = await settledTask(server, task.id);
    expect(done).toMatchObject({
      status: "complete",
      attempt: 1,
      deliveries: [{ status: "delivered", attempt: 1 }],
    });
    expect(request.headers["webhook-id"]).toBe(done.deliveries[0]?.id);
    expect(receiver.requests).toHaveLength(1);
  });

  it("comes back with the same delivery id while the receiver says 503, and is done at the third try", async () => {
    await using receiver = await startReceiver();
    let calls = 0;
    receiver.answerWith(() => ({ status: (calls += 1) < 3 ? 503 : 200 }));
    const task = await post(server, receiver, "again");
    const done = await settledTask(server, task.id);
    expect(done.deliveries).toMatchObject([
      { status: "delivered", attempt: 3, failures: [{ code: "http_503" }, { code: "http_503" }] },
    ]);
    expect(new Set(receiver.requests.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    expect(receiver.requests).toHaveLength(3);
  });

  it("asks once when the receiver says 400, and keeps the beginning of its answer", async () => {
    await using receiver = await startReceiver({ status: 400, body: "no such hook here" });
    const task = await post(server, receiver, "refused");
    const done = await settledTask(server, task.id);
    expect(done).toMatchObject({
      status: "complete",
      deliveries: [{ status: "dead", attempt: 1, answer: { status: 400, body: "no such hook here" } }],
    });
    expect(receiver.requests).toHaveLength(1);
  });

  it("gives a hanging receiver up at the deadline and comes back later", async () => {
    await using receiver = await startReceiver("hang");
    const task = await post(server, receiver, "slow");
    const waiting = await eventually(async () => {
      const now = await readTask(server, task.id);
      return now.deliveries[0]?.failures.length ? now : null;
    });
    expect(waiting.deliveries[0]?.failures[0]).toMatchObject({
      attempt: 1,
      code: expect.stringMatching(/timeout/i),
    });
    receiver.answerWith({ status: 200 });
    expect((await settledTask(server, task.id)).deliveries).toMatchObject([{ status: "delivered" }]);
  });

  it("tells the receiver of a task that failed, with its code and message", async () => {
    const failing = await startServerProcess({
      env: { AGENT: "command", AGENT_COMMAND: "false", OUTBOUND_ALLOW: "127.0.0.0/8" },
    });
    await using receiver = await startReceiver();
    const task = await post(failing, receiver, "x");
    const [request] = await receiver.received(1);
    expect(JSON.parse(request?.body ?? "")).toEqual({
      task_id: task.id,
      result: null,
      error: { code: "non_retryable", message: expect.stringContaining("exit code 1") },
    });
    await failing.dispose();
  });

  it("says that it is well", async () => {
    const response = await fetch(`${server.url}/health`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ status: "ok", database: { engine } });
  });

  it("shows no secret in anything it printed", () => {
    const printed = server.output();
    expect(printed).not.toContain(signingSecret);
    expect(printed).not.toContain("/hook");
    const password = new URL(database.env["DATABASE_URL"] ?? "http://x").password;
    if (password !== "") expect(printed).not.toContain(password);
  });
});

async function post(server: ServerProcess, receiver: Receiver, prompt: string): Promise<TaskView> {
  const response = await server.request("/api/v1/tasks", {
    prompt,
    dispatch_type: "webhook",
    dispatch_config: { url: `${receiver.url}/hook` },
  });
  expect(response.status).toBe(201);
  return (await response.json()) as TaskView;
}
