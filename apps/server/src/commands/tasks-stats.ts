import type { Command } from "./command.ts";
import { defineCommand, exitCodes, jsonOption } from "./command.ts";
import { statsLines } from "./stats-lines.ts";
import { withTaskAdmin } from "./task-options.ts";

export const tasksStats: Command = defineCommand({
  name: "tasks stats",
  summary: "shows what waits and runs, by queue and type",
  operand: null,
  options: jsonOption,
  run: ({ values }, context) =>
    withTaskAdmin(context, async (admin) => {
      const { terminal } = context;
      const stats = await admin.stats();
      if (values.json === true) terminal.print(JSON.stringify(stats));
      else for (const line of statsLines(stats, terminal)) terminal.print(line);
      return exitCodes.done;
    }),
});
