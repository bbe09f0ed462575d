import type { McpServerFactory, StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import { McpServer } from "@modelcontextprotocol/server";
import type { JsonSchema, ServedTool } from "./served-tool.ts";

export interface McpServerOptions {
  /** They never change while a server lives. */
  readonly tools: readonly ServedTool[];
  readonly version: string;
}

/** Makes servers of some tools: one for each request or connection. */
export function mcpServerFactory({ tools, version }: McpServerOptions): McpServerFactory {
  return () => {
    const server = new McpServer(
      { name: "agent-server", title: "Agent server", version },
      { capabilities: { tools: { listChanged: false } }, instructions },
    );
    for (const tool of tools) register(server, tool);
    return server;
  };
}

const instructions =
  "Webhooks, notifications and git auto-commit of an agent server. integrations_state shows what is set up.";

function register(server: McpServer, tool: ServedTool): void {
  const { name, title, description, annotations } = tool;
  const inputSchema = shown(tool.inputSchema);
  const outputSchema = shown(tool.outputSchema);
  const config = { title, description, annotations, inputSchema, outputSchema };
  server.registerTool(name, config, (args, { mcpReq }) => tool.call(args, { signal: mcpReq.signal }));
}

/** A schema that is told but not applied: a tool checks its arguments itself, and names every mistake and its fix. */
function shown(schema: JsonSchema): StandardSchemaWithJSON {
  const jsonSchema = { input: () => schema, output: () => schema };
  return {
    "~standard": { version: 1, vendor: "agent-server", validate: (value) => ({ value }), jsonSchema },
  };
}
