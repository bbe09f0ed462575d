import type { Logger } from "@core/registry";
import { secretVariables } from "@core/host";
import { agentSecrets } from "./agents/configured-agent.ts";
import { ConfigurationError, readConfiguration } from "./configuration.ts";
import type { Configuration } from "./configuration.ts";
import { environmentHints } from "./environment-hints.ts";
import { ownIntegrations } from "./integrations/own-integrations.ts";
import type { Key } from "./keys.ts";
import { createLogger } from "./logger.ts";
import { createMasking, urlSecrets } from "./masking.ts";
import { watchLaunchers } from "./processes/launcher-watch.ts";
import { onStopSignals } from "./processes/stop-signals.ts";
import type { RunningServer } from "./server.ts";
import { startServer } from "./server.ts";
import { plainStartError } from "./start-error.ts";
import { databaseNote, generatedKeyNote, startupNotes } from "./startup-notes.ts";

/**
 * Starts a server for whoever started this process, and lets it work until it is told to stop.
 * @returns the exit code
 */
export function startProgram(version: string): Promise<number> {
  return new StartProgram(version).run();
}

/** How long last writes, integrations and connections may take to end behind the grace. */
const LATE_MS = 15_000;
const CONFLICT = "Another server with other keys works on the database.";

class StartProgram {
  readonly #version: string;
  readonly #masking = createMasking();
  readonly #giveUp = new AbortController();
  readonly #stopped = Promise.withResolvers<number>();
  #starting: Promise<RunningServer> | null = null;
  #isListening = false;
  #stopping: Promise<void> | null = null;
  #madeKey: Key | null = null;

  constructor(version: string) {
    this.#version = version;
  }

  async run(): Promise<number> {
    try {
      const configuration = readConfiguration(process.env);
      for (const secret of givenSecrets(configuration)) this.#masking.hide(secret);
      await this.#serve(configuration);
    } catch (error) {
      if (this.#stopping === null) return this.#fail(error);
    }
    return this.#stopped.promise;
  }

  async #serve(configuration: Configuration): Promise<void> {
    const logger = createLogger({ level: configuration.logLevel, masking: this.#masking });
    this.#obey(configuration, logger);
    const hints = environmentHints(process.env, ownIntegrations);
    if (hints.length > 0) logger.warn({}, hints.join(" "));
    this.#starting = startServer({
      configuration,
      environment: process.env,
      integrations: ownIntegrations,
      version: this.#version,
      logger,
      onSecret: this.#masking.hide,
      onApiKeyMade: (apiKey) => (this.#madeKey = apiKey),
      onListening: (url, { apiKey }) => this.#announce(url, apiKey, configuration),
      signal: this.#giveUp.signal,
      onConflict: () => this.#stop(CONFLICT, 0, logger, 1),
    });
    const server = await this.#starting;
    const { agent, databaseUrl, dataDir } = configuration;
    const facts = { url: server.url, database: databaseNote(databaseUrl, dataDir), agent: agent.type };
    logger.info({ ...facts, pid: process.pid }, "The server is ready.");
  }

  /** Listens to signals, to the package manager above and to errors that nobody caught. */
  #obey({ shutdownGraceMs }: Configuration, logger: Logger): void {
    const unexpected = (error: unknown): never =>
      crash(logger, "An unexpected error ended the server.", error);
    process.on("uncaughtException", unexpected);
    process.on("unhandledRejection", unexpected);
    const askToStop = onStopSignals({
      hasTerminal: [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY),
      onStop: (reason, mayDrain) => this.#stop(reason, mayDrain ? shutdownGraceMs : 0, logger),
      onForce: (signal) => crash(logger, `${signal}: stopped at once.`),
    });
    watchLaunchers({ onGone: () => askToStop("The package manager that started the server has gone.") });
  }

  #announce(url: string, apiKey: Key, { agent, databaseUrl, dataDir }: Configuration): void {
    const database = databaseNote(databaseUrl, dataDir);
    process.stdout.write(startupNotes({ url, database, agent, apiKey, version: this.#version }));
    this.#madeKey = null;
    this.#isListening = true;
  }

  /** The first reason to stop decides how. */
  #stop(reason: string, graceMs: number, logger: Logger, exitCode = 0): void {
    this.#stopping ??= this.#stopOnce(reason, graceMs, logger).then(
      () => this.#stopped.resolve(exitCode),
      (error: unknown) => crash(logger, "The server could not stop in order.", error),
    );
  }

  async #stopOnce(reason: string, graceMs: number, logger: Logger): Promise<void> {
    logger.info({ reason }, "The server stops.");
    setTimeout(() => crash(logger, "The server did not stop in time and ends as it is."), graceMs + LATE_MS);
    this.#giveUp.abort(new Error("The server was told to stop while it started."));
    // Before it listens it has promised nothing to anybody, and need not be waited for.
    const server = this.#isListening ? await this.#starting?.catch(() => null) : null;
    await server?.stop({ graceMs });
    this.#showMadeKey();
  }

  #fail(error: unknown): number {
    this.#showMadeKey();
    const plain = plainStartError(error);
    const hints = error instanceof ConfigurationError ? environmentHints(process.env, ownIntegrations) : [];
    const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const text = plain === null ? this.#masking.apply(trace) : this.#masking.withoutSecrets(plain);
    process.stderr.write(`${[text, ...(plain === null ? [] : hints)].join("\n")}\n`);
    return 1;
  }

  /** A key is shown at the start that makes it, also when that start goes no further. */
  #showMadeKey(): void {
    if (this.#madeKey !== null) process.stdout.write(generatedKeyNote(this.#madeKey));
    this.#madeKey = null;
  }
}

/** The secrets that come from the environment, beside the server's own keys. */
function givenSecrets({ databaseUrl, agent, smtp }: Configuration): readonly string[] {
  const ofIntegrations = secretVariables(ownIntegrations).map((name) => process.env[name] ?? "");
  const ofUrls = [databaseUrl, smtp?.url ?? null].flatMap(urlSecrets);
  return [...ofUrls, ...agentSecrets(agent), ...ofIntegrations];
}

function crash(logger: Logger, message: string, error?: unknown): never {
  logger.error({ err: error }, message);
  process.exit(1);
}
