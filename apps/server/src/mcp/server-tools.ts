import { z } from "zod";
import type { ProtocolPeer } from "./protocol-request.ts";
import { requestOf } from "./protocol-request.ts";
import type { ToolSource } from "./tool-source.ts";

/**
 * The tools that a running server offers at /mcp. What it refuses is refused here, too.
 * @throws CommandError when it does not take the key or is of another version; ServerGoneError
 */
export async function openServerTools(server: ProtocolPeer): Promise<ToolSource> {
  const inTime = AbortSignal.timeout(LIST_TIMEOUT_MS);
  const { tools } = listed.parse(
    await requestOf(server, { method: "tools/list", params: {}, signal: inTime }),
  );
  return {
    tools: tools.map((tool) => ({
      ...tool,
      async call(args, { signal }) {
        const params = { name: tool.name, arguments: args };
        return called.parse(await requestOf(server, { method: "tools/call", params, signal }));
      },
    })),
    place: `the server at ${server.url}`,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

const LIST_TIMEOUT_MS = 10_000;

const jsonSchema = z.record(z.string(), z.unknown());

const listed = z.object({
  tools: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      description: z.string(),
      inputSchema: jsonSchema,
      outputSchema: jsonSchema,
      annotations: z.object({
        readOnlyHint: z.boolean(),
        destructiveHint: z.boolean(),
        idempotentHint: z.boolean(),
        openWorldHint: z.boolean(),
      }),
    }),
  ),
});

const called = z.object({
  content: z.array(z.object({ type: z.literal("text"), text: z.string() })),
  structuredContent: jsonSchema.exactOptional(),
  isError: z.boolean().exactOptional(),
});
