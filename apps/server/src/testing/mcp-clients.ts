import { fileURLToPath } from "node:url";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import type { ServerProcess } from "./server-process.ts";

/** The revisions of the protocol that a client may speak. */
export const revisions = ["2025-11-25", "2026-07-28"] as const;

type Revision = (typeof revisions)[number];

export const stdioProgram: readonly string[] = [
  "--conditions=@core/source",
  fileURLToPath(new URL("../main.ts", import.meta.url)),
  "mcp",
];

/** A client that is connected to a server over HTTP. */
export async function connectOverHttp(
  { url, apiKey }: Pick<ServerProcess, "url" | "apiKey">,
  revision: Revision,
): Promise<Client> {
  const headers = { authorization: `Bearer ${apiKey}` };
  const client = createClient(revision);
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit: { headers } }),
  );
  return client;
}

/** A client with a stdio server of its own, and what that server logs. */
export async function connectOverStdio(
  env: Readonly<Record<string, string>>,
  revision: Revision,
): Promise<{ readonly client: Client; readonly log: () => string }> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [...stdioProgram],
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stderr: "pipe",
  });
  let log = "";
  transport.stderr?.on("data", (bytes: Buffer) => (log += String(bytes)));
  const client = createClient(revision);
  await client.connect(transport);
  return { client, log: () => log };
}

function createClient(revision: Revision): Client {
  const mode = revision === "2025-11-25" ? ("legacy" as const) : { pin: revision };
  return new Client({ name: "test", version: "1.0.0" }, { versionNegotiation: { mode } });
}
