import { startProgram } from "../start-program.ts";
import type { Command } from "./command.ts";
import { defineCommand } from "./command.ts";

export const start: Command = defineCommand({
  name: "start",
  summary: "starts the agent server, as no command does",
  operand: null,
  options: {},
  run: (_input, { version }) => startProgram(version),
});
