import type { AgentConfiguration } from "../configuration.ts";
import { assertAgentProgram } from "./agent-program.ts";
import { readScript } from "./script/script-file.ts";

/**
 * Makes sure that what an agent needs of this machine is there, before anything is opened for it.
 * @throws StartError naming the variable and the fix
 */
export async function assertAgent(
  agent: AgentConfiguration,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  if (agent.type === "command") await assertAgentProgram(agent.command, environment);
  if (agent.type === "script") await readScript(agent.file);
}
