import type { Command } from "./command.ts";
import { defineCommand, jsonOption } from "./command.ts";
import type { TaskOutcome } from "./each-task.ts";
import { tellOutcomes } from "./each-task.ts";
import { withTaskAdmin } from "./task-options.ts";

export const tasksRetry: Command = defineCommand({
  name: "tasks retry",
  summary: "lets tasks that failed or were cancelled run again",
  operand: { name: "id", isMany: true },
  options: jsonOption,
  run: ({ operands, values }, context) =>
    withTaskAdmin(context, async (admin) => {
      const outcomes: TaskOutcome[] = [];
      for (const id of operands) outcomes.push({ id, answer: await admin.retry(id) });
      return tellOutcomes(outcomes, told, { terminal: context.terminal, isJson: values.json === true });
    }),
});

const told = {
  retried: { text: "runs again", isDone: true },
  not_ended: { text: "has not ended, so there is nothing to retry", isDone: false },
  complete: { text: "is complete; make a new task to do the same again", isDone: false },
};
