import { expect, it } from "vitest";
import { createServerHost } from "./server-host.ts";

it.each([
  ["waits", "cancelled", true],
  ["runs", "cancelling", true],
  ["has ended", "ended", false],
  ["does not exist", "unknown", false],
] as const)("a task that %s is %s: %s", async (_which, answer, isCancelled) => {
  const asked: string[] = [];
  const host = createServerHost({ cancel: async (id) => (asked.push(id), answer) });
  expect(await host.cancelTask("task-1")).toBe(isCancelled);
  expect(asked).toEqual(["task-1"]);
});

it("everything else is refused, and said to be", async () => {
  const host = createServerHost({ cancel: async () => "unknown" });
  await expect(host.channelConfig("slack:C1")).rejects.toMatchObject({ code: "HOST_PORT_UNAVAILABLE" });
});
