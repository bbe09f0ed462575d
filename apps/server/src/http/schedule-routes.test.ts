import { readFile } from "node:fs/promises";
import type { Database } from "@core/database";
import { openDatabase } from "@core/database";
import { createTasks, tasksMigrations } from "@core/tasks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestApp } from "../testing/test-app.ts";
import { createTestApp, problemOf, TEST_KEY } from "../testing/test-app.ts";
import { scheduleSchema } from "./schedule-document.ts";

const nobody = "01920000-0000-7000-8000-00000000ffff";

let database: Database;
let api: TestApp;

beforeAll(async () => {
  const dump = process.env["TEST_PGLITE_DUMP"];
  database = await openDatabase({ memory: true, ...(dump && { dump: new Blob([await readFile(dump)]) }) });
  await database.migrate([tasksMigrations()]);
  api = createTestApp({ tasks: createTasks({ database }) });
});

afterAll(() => database.close());

describe("making a schedule", () => {
  test("answers 201, the schedule as the document says, and its place; the same again answers 200", async () => {
    const body = {
      name: "report",
      cron: "0 9 * * 1-5",
      timezone: "Europe/Berlin",
      starts_at: "2030-01-01T00:00:00+01:00",
      ends_at: null,
      task: { prompt: "Report." },
    };
    const response = await api.post("/api/v1/schedules", body);
    const schedule = (await response.json()) as { id: string };
    expect(response.status).toBe(201);
    expect(response.headers.get("location")).toBe(`/api/v1/schedules/${schedule.id}`);
    expect(scheduleSchema.safeParse(schedule).error).toBeUndefined();
    expect(schedule).toMatchObject({
      next_at: "2030-01-01T08:00:00.000Z",
      missed: "run_once",
      task: { type: "agent", prompt: "Report." },
    });
    const again = await api.post("/api/v1/schedules", body);
    expect([again.status, await again.json()]).toEqual([200, schedule]);
    const other = await api.post("/api/v1/schedules", { ...body, timezone: "UTC" });
    expect([other.status, (await problemOf(other)).code]).toEqual([409, "SCHEDULE_CONFLICT"]);
  });

  test.each<[object, string, RegExp]>([
    [{ every: "+0m", task: { prompt: "x" } }, "every", /would never end/],
    [{ every: "+1m", cron: "* * * * *", task: { prompt: "x" } }, "every, cron", /one of/],
    [{ every: "+1m", timezon: "UTC", task: { prompt: "x" } }, "timezon", /Did you mean "timezone"/],
    [{ every: "+1m" }, "task", /required/],
    [{ every: "+1m", task: { prompt: "x", scheduled_at: null } }, "task.scheduled_at", /no field/],
    [{ every: "+1m", task: { prompt: "x", typ: "agent" } }, "task.typ", /Did you mean "type"/],
    [{ every: "+1m", task: { prompt: "x", type: "mail" } }, "task.type", /Use one of agent/],
    [{ every: "+1m", task: { prompt: "x", dispatch_type: "smoke" } }, "task.dispatch_type", /not a known/],
  ])("%j is refused by field", async (body, field, message) => {
    const response = await api.post("/api/v1/schedules", body);
    expect(response.status).toBe(422);
    expect(await problemOf(response)).toMatchObject({
      code: "SCHEDULE_INVALID",
      errors: [{ field, message: expect.stringMatching(message) }],
    });
  });
});

describe("a stored schedule", () => {
  test("is read, changed, paused, resumed, run, previewed and deleted", async () => {
    const made = await made1h();
    const path = `/api/v1/schedules/${made.id}`;
    expect(await json(await api.get(path))).toEqual(made);
    expect(await json(await send("PATCH", path, { every: "+2h", name: "n" }))).toMatchObject({
      every: "+2h",
      name: "n",
    });
    expect(await json(await send("PATCH", path, { name: null }))).toMatchObject({ name: null });
    expect(await json(await send("POST", `${path}/pause`))).toMatchObject({ next_at: null });
    expect(await json(await send("POST", `${path}/resume`))).toMatchObject({ paused_at: null });
    const run = await send("POST", `${path}/run`);
    expect([run.status, await json(run)]).toMatchObject([201, { reason: "scheduled", prompt: "x" }]);
    expect(await json(await api.get(`${path}/preview?count=3`))).toMatchObject({ times: { length: 3 } });
    expect((await send("DELETE", path)).status).toBe(204);
    expect((await api.get(path)).status).toBe(404);
  });

  test("is listed with its target shortened", async () => {
    await api.post("/api/v1/schedules", {
      every: "+1h",
      task: {
        prompt: "x",
        dispatch_type: "webhook",
        dispatch_config: { url: "https://hooks.example.org/T1/B2?sig=abc" },
        strict: false,
      },
    });
    const page = (await json(await api.get("/api/v1/schedules?limit=1"))) as { items: unknown[] };
    expect(page.items).toHaveLength(1);
    expect(JSON.stringify(page)).toContain("https://hooks.example.org");
    expect(JSON.stringify(page)).not.toContain("sig=abc");
  });

  test("that does not exist is 404, and an id that is none 400", async () => {
    const path = `/api/v1/schedules/${nobody}`;
    const answers = [
      await api.get(path),
      await api.get(`${path}/preview`),
      await send("PATCH", path, { every: "+1h" }),
      await send("DELETE", path),
      await send("POST", `${path}/pause`),
      await send("POST", `${path}/resume`),
      await send("POST", `${path}/run`),
    ];
    for (const answer of answers) {
      expect([answer.status, (await problemOf(answer)).code]).toEqual([404, "SCHEDULE_NOT_FOUND"]);
    }
    const malformed = await api.get("/api/v1/schedules/42");
    expect([malformed.status, (await problemOf(malformed)).code]).toEqual([400, "SCHEDULE_ID_INVALID"]);
  });
});

describe("a preview", () => {
  test("tells the times of a rule that is not stored", async () => {
    const body = { cron: "30 2 * * *", timezone: "Europe/Berlin", count: 2, from: "2026-03-28T12:00:00Z" };
    expect(await json(await api.post("/api/v1/schedules/preview", body))).toEqual({
      times: ["2026-03-29T01:00:00.000Z", "2026-03-30T00:30:00.000Z"],
    });
  });

  test.each(["count=0", "count=101", "from=tomorrow", "times=3"])("refuses the query %s", async (query) => {
    const { id } = await made1h();
    const response = await api.get(`/api/v1/schedules/${id}/preview?${query}`);
    expect([response.status, (await problemOf(response)).code]).toEqual([400, "QUERY_INVALID"]);
  });
});

async function made1h(): Promise<{ readonly id: string }> {
  const response = await api.post("/api/v1/schedules", { every: "+1h", task: { prompt: "x" } });
  return (await response.json()) as { id: string };
}

async function send(method: string, path: string, body?: object): Promise<Response> {
  const headers = { authorization: `Bearer ${TEST_KEY}`, "content-type": "application/json" };
  return api.app.request(path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
}

function json(response: Response): Promise<unknown> {
  return response.json();
}
