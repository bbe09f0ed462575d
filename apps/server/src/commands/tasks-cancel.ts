import type { Command } from "./command.ts";
import { defineCommand, jsonOption } from "./command.ts";
import type { TaskOutcome } from "./each-task.ts";
import { tellOutcomes } from "./each-task.ts";
import { withTaskAdmin } from "./task-options.ts";

export const tasksCancel: Command = defineCommand({
  name: "tasks cancel",
  summary: "cancels tasks that have not ended",
  operand: { name: "id", isMany: true },
  options: jsonOption,
  run: ({ operands, values }, context) =>
    withTaskAdmin(context, async (admin) => {
      const outcomes: TaskOutcome[] = [];
      for (const id of operands) outcomes.push({ id, answer: await admin.cancel(id) });
      return tellOutcomes(outcomes, told, { terminal: context.terminal, isJson: values.json === true });
    }),
});

const told = {
  cancelled: { text: "is cancelled", isDone: true },
  cancelling: { text: "runs, and has been told to end", isDone: true },
  ended: { text: "has ended, so there is nothing to cancel", isDone: false },
};
