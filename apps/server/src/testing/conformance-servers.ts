import type { CallToolResult, McpServerFactory } from "@modelcontextprotocol/server";
import { inputRequired, McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";

/** Servers with the tools, the resource and the prompt by which the conformance runner looks at how they are hosted. */
export const conformanceServers: McpServerFactory = () => {
  const listChanged = false;
  const capabilities = {
    logging: {},
    tools: { listChanged },
    prompts: { listChanged },
    resources: { listChanged },
  };
  const server = new McpServer({ name: "conformance", version: "1.0.0" }, { capabilities });
  const config = { description: "For the conformance runner.", inputSchema: z.object({}) };
  server.registerTool("test_simple_text", config, () => text("This is a simple text response for testing."));
  server.registerTool("test_error_handling", config, () => {
    throw new Error("This tool intentionally returns an error for testing");
  });
  server.registerTool(
    "test_tool_with_progress",
    config,
    async (_args, { mcpReq: { _meta: meta, notify } }) => {
      const progressToken = meta?.progressToken;
      for (const progress of progressToken === undefined ? [] : [0, 50, 100])
        await notify({
          method: "notifications/progress",
          params: { progressToken, progress, total: 100 },
        });
      return text("All steps are done.");
    },
  );
  server.registerTool("test_logging_tool", config, async (_args, { mcpReq }) => {
    await mcpReq.log("info", "It runs.");
    return text("It ran.");
  });
  server.registerTool("test_missing_capability", config, () => inputRequired({ inputRequests: { sample } }));
  server.registerTool("test_streaming_elicitation", config, () =>
    inputRequired({ inputRequests: { question } }),
  );
  addResourceAndPrompt(server);
  return server;
};

const sample = inputRequired.createMessage({
  messages: [{ role: "user", content: { type: "text", text: "Say something." } }],
  maxTokens: 10,
});

const question = inputRequired.elicit({
  message: "What is your name?",
  requestedSchema: z.object({ name: z.string() }),
});

function text(words: string): CallToolResult {
  return { content: [{ type: "text", text: words }] };
}

function addResourceAndPrompt(server: McpServer): void {
  const uri = "test://static-text";
  const content = { uri, mimeType: "text/plain", text: "This is the content of the static text resource." };
  server.registerResource("static-text", uri, { mimeType: "text/plain" }, async () => ({
    contents: [content],
  }));
  server.registerPrompt("test_simple_prompt", { description: "For the conformance runner." }, async () => ({
    messages: [{ role: "user", content: { type: "text", text: "This is a simple prompt for testing." } }],
  }));
}
