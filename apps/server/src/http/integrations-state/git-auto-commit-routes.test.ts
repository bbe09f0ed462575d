import { expect, test } from "vitest";
import { createTestApp, problemOf } from "../../testing/test-app.ts";
import { gitAutoCommitSchema } from "./state-documents.ts";

const SETTINGS = "/api/v1/integrations/git-auto-commit";

test("the settings are read, and changed field by field", async () => {
  const { get, send } = createTestApp();
  const before = await (await get(SETTINGS)).json();
  expect(gitAutoCommitSchema.safeParse(before).error).toBeUndefined();
  expect(before).toEqual({ enabled: false, on_events: ["session.end", "roadmap.exported", "task.sync"] });
  const changed = await send("PATCH", SETTINGS, { enabled: true });
  expect([changed.status, await changed.json()]).toEqual([200, { ...(before as object), enabled: true }]);
});

test("an unknown event and an unknown field are refused at once, and change nothing", async () => {
  const { get, send } = createTestApp();
  const response = await send("PATCH", SETTINGS, { enable: true, on_events: ["session.over"] });
  expect(await problemOf(response)).toMatchObject({
    status: 422,
    code: "INTEGRATIONS_INPUT_INVALID",
    errors: [
      { field: "on_events.0", message: expect.stringContaining('"session.end"') },
      { field: "enable", message: expect.stringContaining('Did you mean "enabled"') },
    ],
  });
  expect(await (await get(SETTINGS)).json()).toMatchObject({ enabled: false });
});
