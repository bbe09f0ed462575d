import { expect, test } from "vitest";
import { z } from "zod";
import { createTestApp, problemOf } from "../../testing/test-app.ts";
import { destinationSchema } from "./state-documents.ts";

const DESTINATIONS = "/api/v1/integrations/destinations";
const destination = { channel: "webhook", url: "https://hooks.example.org/services/T0/secret" };

test("a destination is made, changed, and listed without what is secret in its address", async () => {
  const { get, send } = createTestApp();
  const made = await send("PUT", `${DESTINATIONS}/ops`, destination);
  const changed = await send("PUT", `${DESTINATIONS}/ops`, { ...destination, is_default: true });
  expect([made.status, changed.status]).toEqual([201, 200]);
  expect(await made.json()).toMatchObject({
    created: true,
    destination: { name: "ops", channel: "webhook", address: "https://hooks.example.org/…" },
  });
  const list = await (await get(DESTINATIONS)).json();
  expect(
    z.strictObject({ items: z.array(destinationSchema).length(1) }).safeParse(list).error,
  ).toBeUndefined();
  expect(JSON.stringify(list)).not.toContain("secret");
});

test("one that is deleted is gone, and cannot be deleted again", async () => {
  const { get, send } = createTestApp();
  await send("PUT", `${DESTINATIONS}/ops`, destination);
  expect((await send("DELETE", `${DESTINATIONS}/ops`)).status).toBe(204);
  expect(await (await get(DESTINATIONS)).json()).toEqual({ items: [] });
  expect(await problemOf(await send("DELETE", `${DESTINATIONS}/ops`))).toMatchObject({
    status: 404,
    code: "DESTINATION_NOT_FOUND",
    detail: expect.stringContaining(`GET ${DESTINATIONS}`),
  });
});

test("a name in the body is refused: the path has it", async () => {
  const response = await createTestApp().send("PUT", `${DESTINATIONS}/ops`, {
    ...destination,
    name: "other",
  });
  expect(await problemOf(response)).toMatchObject({
    status: 422,
    code: "INTEGRATIONS_INPUT_INVALID",
    errors: [{ field: "name" }],
  });
});
