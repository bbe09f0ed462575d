import { createDispatcherRegistry } from "@core/registry";
import { describe, expect, it } from "vitest";
import type { ResolveTarget } from "./dispatch-plan.ts";
import { planDispatch } from "./dispatch-plan.ts";
import type { TaskInput } from "./task.ts";
import { recordingDispatcher } from "../testing/tasks-fixture.ts";

const nowhere: ResolveTarget = async () => null;

function plan(input: TaskInput, resolve: ResolveTarget = nowhere): ReturnType<typeof planDispatch> {
  const dispatchers = createDispatcherRegistry();
  dispatchers.register("chat", recordingDispatcher(), { owner: "test" });
  const { target: _any, ...bare } = recordingDispatcher();
  dispatchers.register("bare", bare, { owner: "test" });
  return planDispatch(input, dispatchers, () => resolve(input, {}));
}

describe("planDispatch", () => {
  it("goes nowhere when nobody says where", async () => {
    await expect(plan({})).resolves.toMatchObject({ dispatch_type: "none", target_checked: true });
  });

  it("takes the maker's word before the resolver's", async () => {
    const elsewhere: ResolveTarget = async () => ({ dispatch_type: "bare", dispatch_config: {} });
    await expect(plan({ dispatch_type: "chat", dispatch_config: { room: 1 } }, elsewhere)).resolves.toEqual({
      dispatch_type: "chat",
      dispatch_config: { room: 1 },
      target_checked: true,
      order_key: null,
    });
  });

  it("asks the resolver when the maker says nothing, and checks its answer", async () => {
    const toChat: ResolveTarget = async ({ session_id: room = "" }) => ({
      dispatch_type: "chat",
      dispatch_config: { room },
    });
    await expect(plan({ session_id: "s" }, toChat)).resolves.toMatchObject({
      dispatch_config: { room: "s" },
    });
    const wrong: ResolveTarget = async () => ({ dispatch_type: "bare", dispatch_config: { room: 1 } });
    await expect(plan({}, wrong)).rejects.toMatchObject({
      code: "DISPATCH_TARGET_INVALID",
      details: { issues: [{ field: "dispatch_config.room" }] },
    });
  });

  it("refuses an unknown type and names those it knows", async () => {
    await expect(plan({ dispatch_type: "caht" })).rejects.toMatchObject({
      code: "DISPATCH_TYPE_UNKNOWN",
      message: expect.stringContaining('"none", "bare", "chat"'),
    });
  });

  it("keeps an unknown type unread when it need not be strict", async () => {
    await expect(plan({ dispatch_type: "late", dispatch_config: { a: 1 }, strict: false })).resolves.toEqual({
      dispatch_type: "late",
      dispatch_config: { a: 1 },
      target_checked: false,
      order_key: null,
    });
  });

  it("refuses a target without a type, and a target for none", async () => {
    await expect(plan({ dispatch_config: { a: 1 } })).rejects.toMatchObject({ code: "TASK_INVALID" });
    await expect(plan({ dispatch_type: "none", dispatch_config: { a: 1 } })).rejects.toMatchObject({
      code: "DISPATCH_TARGET_INVALID",
    });
  });
});
