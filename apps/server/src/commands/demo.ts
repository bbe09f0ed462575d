import { demoProgram } from "../demo/demo-program.ts";
import type { Command } from "./command.ts";
import { defineCommand } from "./command.ts";

export const demo: Command = defineCommand({
  name: "demo",
  summary: "shows in a few seconds, on a server of its own, how a task is delivered through failures",
  operand: null,
  options: {},
  run: () => demoProgram(),
});
