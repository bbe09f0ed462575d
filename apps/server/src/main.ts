#!/usr/bin/env node
import type { Logger } from "@core/registry";
import { secretVariables } from "@core/host";
import packageJson from "../package.json" with { type: "json" };
import { agentSecrets } from "./agents/configured-agent.ts";
import { readCommandLine } from "./command-line.ts";
import { ConfigurationError, readConfiguration } from "./configuration.ts";
import type { Configuration } from "./configuration.ts";
import { demoProgram } from "./demo/demo-program.ts";
import { environmentHints } from "./environment-hints.ts";
import { ownIntegrations } from "./integrations/own-integrations.ts";
import type { Key } from "./keys.ts";
import { createLogger } from "./logger.ts";
import { createMasking, databaseUrlSecrets } from "./masking.ts";
import { watchLaunchers } from "./processes/launcher-watch.ts";
import { onStopSignals } from "./processes/stop-signals.ts";
import type { RunningServer } from "./server.ts";
import { startServer } from "./server.ts";
import { plainStartError } from "./start-error.ts";
import { databaseNote, generatedKeyNote, startupNotes } from "./startup-notes.ts";

const { version } = packageJson;
const masking = createMasking();
/** How long last writes, integrations and connections may take to end behind the grace. */
const LATE_MS = 15_000;
const CONFLICT = "Another server with other keys works on the database.";
const giveUp = new AbortController();
let starting: Promise<RunningServer> | null = null;
let isListening = false;
let stopping: Promise<never> | null = null;
let madeKey: Key | null = null;

// A reader that goes away, such as `head`, must not end the server.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

const asked = readCommandLine(process.argv.slice(2), version);
if (asked.action === "refuse") fail(asked.text, 2);
else if (asked.action === "print") process.stdout.write(`${asked.text}\n`);
else if (asked.action === "demo") process.exit(await demoProgram());
else await run();

async function run(): Promise<void> {
  try {
    const configuration = readConfiguration(process.env);
    for (const secret of givenSecrets(configuration)) masking.hide(secret);
    await serve(configuration);
  } catch (error) {
    if (stopping !== null) await stopping;
    showMadeKey();
    const plain = plainStartError(error);
    const hints = error instanceof ConfigurationError ? environmentHints(process.env, ownIntegrations) : [];
    if (plain !== null) fail([masking.withoutSecrets(plain), ...hints].join("\n"), 1);
    fail(masking.apply(error instanceof Error ? (error.stack ?? error.message) : String(error)), 1);
  }
}

/** The secrets that come from the environment, beside the server's own keys. */
function givenSecrets({ databaseUrl, agent }: Configuration): readonly string[] {
  const ofIntegrations = secretVariables(ownIntegrations).map((name) => process.env[name] ?? "");
  return [...databaseUrlSecrets(databaseUrl), ...agentSecrets(agent), ...ofIntegrations];
}

async function serve(configuration: Configuration): Promise<void> {
  const logger = createLogger({ level: configuration.logLevel, masking });
  const crash = (message: string, error?: unknown): never => {
    logger.error({ err: error }, message);
    process.exit(1);
  };
  const onStop = (reason: string, mayDrain: boolean): void =>
    void stop(reason, mayDrain ? configuration.shutdownGraceMs : 0, logger).catch(cannotStop);
  const cannotStop = (error: unknown): never => crash("The server could not stop in order.", error);
  const hasTerminal = [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY);

  process.on("uncaughtException", (error) => crash("An unexpected error ended the server.", error));
  process.on("unhandledRejection", (error) => crash("An unexpected error ended the server.", error));
  const askToStop = onStopSignals({
    hasTerminal,
    onStop,
    onForce: (signal) => crash(`${signal}: stopped at once.`),
  });
  watchLaunchers({ onGone: () => askToStop("The package manager that started the server has gone.") });

  const hints = environmentHints(process.env, ownIntegrations);
  if (hints.length > 0) logger.warn({}, hints.join(" "));
  starting = startServer({
    configuration,
    environment: process.env,
    integrations: ownIntegrations,
    version,
    logger,
    onSecret: masking.hide,
    onApiKeyMade: (apiKey) => (madeKey = apiKey),
    onListening: (url, { apiKey }) => announce(url, apiKey, configuration),
    signal: giveUp.signal,
    onConflict: () => void stop(CONFLICT, 0, logger, 1).catch(cannotStop),
  });
  const server = await starting;
  const { agent, databaseUrl, dataDir } = configuration;
  const facts = { url: server.url, database: databaseNote(databaseUrl, dataDir), agent: agent.type };
  logger.info({ ...facts, pid: process.pid }, "The server is ready.");
}

function announce(url: string, apiKey: Key, { agent, databaseUrl, dataDir }: Configuration): void {
  const database = databaseNote(databaseUrl, dataDir);
  process.stdout.write(startupNotes({ url, database, agent, apiKey, version }));
  madeKey = null;
  isListening = true;
}

/** The first reason to stop decides how, and every later one waits for the same stop. */
function stop(reason: string, graceMs: number, logger: Logger, exitCode = 0): Promise<never> {
  return (stopping ??= stopOnce(reason, graceMs, logger, exitCode));
}

async function stopOnce(reason: string, graceMs: number, logger: Logger, exitCode: number): Promise<never> {
  logger.info({ reason }, "The server stops.");
  setTimeout(() => {
    logger.error({}, "The server did not stop in time and ends as it is.");
    process.exit(1);
  }, graceMs + LATE_MS);
  giveUp.abort(new Error("The server was told to stop while it started."));
  // Before it listens it has promised nothing to anybody, and need not be waited for.
  const server = isListening ? await starting?.catch(() => null) : null;
  await server?.stop({ graceMs });
  showMadeKey();
  process.exit(exitCode);
}

/** A key is shown at the start that makes it, also when that start goes no further. */
function showMadeKey(): void {
  if (madeKey !== null) process.stdout.write(generatedKeyNote(madeKey));
  madeKey = null;
}

function fail(text: string, code: number): never {
  process.stderr.write(`${text}\n`);
  process.exit(code);
}
