import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { makeGitRepository, plainEnvironment } from "../test/git-repository.ts";
import { createOutboundDouble } from "../test/outbound-double.ts";
import { createIntegrations as createRealIntegrations } from "./create-integrations.ts";

type Create = typeof createRealIntegrations;

/** The README's program, in which only the network and the repository's place are others. */
async function example(createIntegrations: Create, console: Pick<Console, "log">): Promise<void> {
  // #region example
  const integrations = createIntegrations({
    encryptionKey: process.env.ENCRYPTION_KEY, // openssl rand -base64 32
    git: { repository: "./workspace" },
  });

  const { secret } = await integrations.registerWebhook({
    url: "https://example.com/hooks/agents",
    events: ["session.end", "error"],
    generate_secret: true, // shown this once
  });
  console.log(`Verify what comes with ${secret}`);
  await integrations.setGitAutoCommitConfig({ enabled: true });

  // Wherever your agent's tools are called:
  const event = integrations.resolveEventName("audit_session_end", { session: "s1" });
  if (event !== null) {
    const { webhooks, git } = await integrations.publish(event, { summary: "Wrote the report" });
    console.log(`${event}: told ${webhooks?.sent}, ${git.status}`); // session.end: told 1, committed
  }
  await integrations.sendNotification({ channel: "email", message: "The report is done." });
  await integrations.close();
  // #endregion
}

it("the example of the README tells a webhook and commits", async () => {
  using repository = makeGitRepository();
  repository.write("report.txt", "the report\n");
  const outbound = createOutboundDouble(() => ({ status: 200 }));
  const git = { repository: repository.folder, environment: plainEnvironment };
  const lines: string[] = [];
  const folder = await mkdtemp(join(tmpdir(), "integrations-readme-"));
  const home = process.cwd();
  process.chdir(folder);
  try {
    await example((options) => createRealIntegrations({ ...options, outbound, git }), {
      log: (line: string) => void lines.push(line),
    });
  } finally {
    process.chdir(home);
    await rm(folder, { recursive: true });
  }
  expect(lines).toEqual([
    expect.stringMatching(/^Verify what comes with whsec_/),
    "session.end: told 1, committed",
  ]);
  expect(outbound.requests.map(({ url }) => String(url))).toEqual(["https://example.com/hooks/agents"]);
});

it("the code of the README is the code of this test", () => {
  const source = readFileSync(import.meta.filename, "utf8");
  const readme = readFileSync(join(import.meta.dirname, "..", "README.md"), "utf8");
  const code = /```ts\n(.*?)```/s.exec(readme)?.[1];
  const imported = 'import { createIntegrations } from "@core/integrations-state";\n';
  expect(code).toBe(`${imported}\n${region(source, "example")}`);
});

/** The lines of a marked region, without their common indent. */
function region(source: string, name: string): string {
  const match = new RegExp(`^ *// #region ${name}\\n(.*?)^ *// #endregion`, "ms").exec(source);
  return (match?.[1] ?? "")
    .split("\n")
    .map((line) => line.replace(/^ {2}/, ""))
    .join("\n");
}
