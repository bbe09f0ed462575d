import { failureCodes } from "@core/tasks";
import type { TaskAdmin } from "../admin/task-admin.ts";
import { openTaskAdmin } from "../admin/open-task-admin.ts";
import type { CommandContext, CommandOption } from "./command.ts";

/** Works with the tasks of the settings' server, and lets go of them in the end. */
export async function withTaskAdmin<Result>(
  { configuration }: CommandContext,
  work: (admin: TaskAdmin) => Promise<Result>,
): Promise<Result> {
  const admin = await openTaskAdmin(configuration());
  try {
    return await work(admin);
  } finally {
    await admin[Symbol.asyncDispose]();
  }
}

/** Which tasks, for commands that take several. */
export const taskFilterOptions: Readonly<
  Record<"type" | "queue" | "failure-code", CommandOption & { readonly type: "string" }>
> = {
  type: { type: "string", value: "<type>", summary: "of this type" },
  queue: { type: "string", value: "<queue>", summary: "of this queue" },
  "failure-code": { type: "string", value: "<code>", summary: failureCodes.join(", ") },
};
