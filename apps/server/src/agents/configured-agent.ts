import type { AgentRunner, Clock, FilePort, Logger } from "@core/registry";
import type { AgentConfiguration } from "../configuration.ts";
import { withoutOwnSecrets } from "../own-secrets.ts";
import { startOrphanGuard } from "../processes/orphan-guard.ts";
import { createCommandAgent } from "./command-agent.ts";
import { createEchoAgent } from "./echo-agent.ts";
import { createScriptAgent } from "./script/script-agent.ts";
import { readScript } from "./script/script-file.ts";

/** The agent that the configuration names. */
export interface ConfiguredAgent {
  readonly runner: AgentRunner;
  /** Ends what outlives its runs. */
  close(): void;
}

export interface ConfiguredAgentOptions {
  /** What a command runs in, without the secrets. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The names of the variables that hold secrets of integrations; the server's own are known. */
  readonly secretVariables: readonly string[];
  /** Where an agent puts its files. */
  readonly files: Pick<FilePort, "put">;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Makes the agent. A command runs without the server's and the integrations' secrets, and never outlives the server.
 * @throws StartError when its script cannot be read
 */
export async function configuredAgent(
  agent: AgentConfiguration,
  options: ConfiguredAgentOptions,
): Promise<ConfiguredAgent> {
  const { clock, files, logger } = options;
  switch (agent.type) {
    case "echo":
      return lasting(createEchoAgent());
    case "command":
      return guardedCommand(agent.command, options);
    case "script":
      return lasting(createScriptAgent({ script: await readScript(agent.file), files, clock }));
    case "openai-compatible": {
      // Costs a server with another agent neither time nor memory.
      const { createOpenAiCompatibleAgent } = await import("./model/openai-compatible-agent.ts");
      return lasting(createOpenAiCompatibleAgent({ ...agent, clock, logger }));
    }
  }
}

/** The secrets that a configuration gives to its agent. */
export function agentSecrets(agent: AgentConfiguration): readonly string[] {
  return agent.type === "openai-compatible" && agent.apiKey !== null ? [agent.apiKey] : [];
}

function lasting(runner: AgentRunner): ConfiguredAgent {
  return { runner, close: () => undefined };
}

function guardedCommand(
  command: readonly string[],
  { environment, secretVariables, logger }: ConfiguredAgentOptions,
): ConfiguredAgent {
  const guard = startOrphanGuard();
  const runner = createCommandAgent({
    command,
    environment: { ...withoutOwnSecrets(environment, secretVariables), ...guard.environment },
    logger,
  });
  return { runner, close: () => guard.close() };
}
