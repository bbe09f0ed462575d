import type { Command } from "./command.ts";
import { defineCommand, exitCodes, jsonOption } from "./command.ts";
import { documentLines } from "./document-lines.ts";
import { withTaskAdmin } from "./task-options.ts";

export const tasksShow: Command = defineCommand({
  name: "tasks show",
  summary: "shows a task with its deliveries",
  operand: { name: "id", isMany: false },
  options: jsonOption,
  run: ({ operands: [id = ""], values }, context) =>
    withTaskAdmin(context, async (admin) => {
      const { terminal } = context;
      const task = await admin.show(id);
      if (task === null) {
        terminal.note(`There is no task ${id}. \`server tasks list\` shows which there are.`);
        return exitCodes.notFound;
      }
      if (values.json === true) terminal.print(JSON.stringify(task));
      else for (const line of documentLines(task, terminal)) terminal.print(line);
      return exitCodes.done;
    }),
});
