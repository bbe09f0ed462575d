import { z } from "zod";
import type { IntegrationTool, ToolParts } from "./integration-tool.ts";
import { defineTool } from "./integration-tool.ts";
import { eventName, gitAutoCommitShape } from "./shapes.ts";

export function gitAutoCommitGetTool({ integrations, logger }: ToolParts): IntegrationTool {
  return defineTool(
    {
      name: "integration_git_auto_commit_get",
      title: "Show git auto-commit",
      description: "Shows whether changes in the server's repository are committed on events, and on which.",
      inputSchema: z.strictObject({}),
      outputSchema: gitAutoCommitShape,
      annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
      refusal: "Nothing was read.",
      run: () => integrations.getGitAutoCommitConfig(),
    },
    logger,
  );
}

export function gitAutoCommitSetTool({ integrations, logger }: ToolParts): IntegrationTool {
  return defineTool(
    {
      name: "integration_git_auto_commit_set",
      title: "Change git auto-commit",
      description:
        "Switches automatic commits on or off, and chooses the events that cause one. What is left out stays as it is. The repository is the operator's choice, and nothing is ever pushed.",
      inputSchema: z.strictObject({
        enabled: z.boolean().exactOptional(),
        on_events: z.array(eventName).exactOptional().describe("Replaces the events that cause a commit."),
      }),
      outputSchema: gitAutoCommitShape,
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
      refusal: "Git auto-commit was not changed.",
      run: (change) => integrations.setGitAutoCommitConfig(change),
    },
    logger,
  );
}
