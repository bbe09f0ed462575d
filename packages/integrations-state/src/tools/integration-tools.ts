import type { Logger } from "@core/registry";
import { silentLogger } from "@core/registry";
import { emitEventTool } from "./event-tools.ts";
import { gitAutoCommitGetTool, gitAutoCommitSetTool } from "./git-tools.ts";
import type { IntegrationTool, ToolIntegrations } from "./integration-tool.ts";
import { notifyTool } from "./notification-tools.ts";
import { stateTool } from "./state-tools.ts";
import { webhookDeleteTool, webhookListTool, webhookRegisterTool } from "./webhook-tools.ts";

export interface IntegrationToolsOptions {
  /** Takes `webhook_url` and `secret` from callers. Default false: a model that can name an address can send anything anywhere. */
  readonly allowUrls?: boolean;
  /** Offers only the tools that change and send nothing. Default false. */
  readonly readOnly?: boolean;
  /** Told of errors that no caller can mend. Default: nobody. */
  readonly logger?: Logger;
}

/** The tools of an instance as data, always in the same order, for any server of the Model Context Protocol. */
export function integrationTools(
  integrations: ToolIntegrations,
  options: IntegrationToolsOptions = {},
): readonly IntegrationTool[] {
  const { allowUrls = false, readOnly = false, logger = silentLogger } = options;
  const all = [
    stateTool,
    webhookListTool,
    webhookRegisterTool,
    webhookDeleteTool,
    gitAutoCommitGetTool,
    gitAutoCommitSetTool,
    notifyTool,
    emitEventTool,
  ].map((make) => make({ integrations, allowUrls, logger }));
  return readOnly ? all.filter(({ annotations }) => annotations.readOnlyHint) : all;
}
