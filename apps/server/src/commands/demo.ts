import { demoProgram } from "../demo/demo-program.ts";
import type { Command } from "./command.ts";
import { defineCommand } from "./command.ts";

export const demo: Command = defineCommand({
  name: "demo",
  summary: "shows how a task is delivered through failures, on a server of its own, in seconds",
  operand: null,
  options: {},
  run: () => demoProgram(),
});
