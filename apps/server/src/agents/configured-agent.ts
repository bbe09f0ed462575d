import type { AgentRunner, Logger } from "@core/registry";
import type { AgentConfiguration } from "../configuration.ts";
import { startOrphanGuard } from "../processes/orphan-guard.ts";
import { createCommandAgent } from "./command-agent.ts";
import { createEchoAgent } from "./echo-agent.ts";

/** The agent that the configuration names. */
export interface ConfiguredAgent {
  readonly runner: AgentRunner;
  /** Ends what outlives its runs. */
  close(): void;
}

/** Makes the agent; a command runs in `environment` without the server's own secrets, and never outlives the server. */
export function configuredAgent(
  agent: AgentConfiguration,
  environment: Readonly<Record<string, string | undefined>>,
  logger: Logger,
): ConfiguredAgent {
  if (agent.type === "echo") return { runner: createEchoAgent(), close: () => undefined };
  const guard = startOrphanGuard();
  const open = Object.entries(environment).filter(([name]) => !secretVariables.has(name));
  const runner = createCommandAgent({
    command: agent.command,
    environment: { ...Object.fromEntries(open), ...guard.environment },
    logger,
  });
  return { runner, close: () => guard.close() };
}

const secretVariables = new Set(["API_KEY", "SIGNING_SECRET", "ENCRYPTION_KEY", "DATABASE_URL"]);
