import type { API_VERSION } from "./api-version.ts";
import type { Bot } from "./bot.ts";
import type { Deliverer, DispatcherDeclaration } from "./dispatcher.ts";
import type { HookListener, HookName } from "./hook-events.ts";
import type { HookOptions } from "./hooks.ts";
import { assertIntegration } from "./integration-check.ts";
import type { IntegrationContext } from "./integration-context.ts";
import type { JsonObject } from "./json.ts";
import type { StandardSchema } from "./standard-schema.ts";

/** An integration as a registry keeps it, whatever its target and settings. */
export type Integration = IntegrationSpec<unknown, unknown>;

/** A package that connects one outside service. Everything but `setup` is known before it is configured. */
export interface IntegrationSpec<Target, Config> {
  /** One word such as `hello`; also its dispatch type. Lower case. */
  readonly type: string;
  readonly apiVersion: typeof API_VERSION;
  /** The npm name, shown in errors; default: the type. */
  readonly packageName?: string;
  readonly description?: string;
  readonly environment?: EnvironmentSpec;
  /**
   * Reads the settings that `setup` receives as `context.config`, out of the declared variables that are set and not
   * secret, as texts by name.
   */
  readonly config?: StandardSchema<unknown, Config>;
  readonly metadata?: IntegrationMetadata;
  readonly dispatcher?: DispatcherDeclaration<Target>;
  /** Called once when the environment is complete. Missing: the integration is metadata only. */
  setup?(
    context: IntegrationContext<Config>,
  ): IntegrationInstance<Target> | Promise<IntegrationInstance<Target>>;
}

/** The environment variables an integration reads, by name. */
export interface EnvironmentSpec {
  readonly required?: readonly string[];
  readonly optional?: readonly string[];
  /** Names out of the two lists whose values are never shown. */
  readonly secret?: readonly string[];
}

/** A configured integration. */
export interface IntegrationInstance<Target = unknown> extends Partial<Deliverer<Target>> {
  /** Names that take a secret or the network to know; asked in the place of the metadata's. */
  resolveDisplayNames?: IntegrationMetadata["resolveDisplayNames"];
  readonly hooks?: readonly HookSubscription[];
  start?(signal: AbortSignal): Promise<void>;
  stop?(signal: AbortSignal): Promise<void>;
  health?(): IntegrationHealth | Promise<IntegrationHealth>;
}

export interface IntegrationHealth {
  readonly status: "ok" | "degraded" | "down";
  readonly detail?: string;
}

/** One hook of an integration; its `event` types its `listener`. */
export type HookSubscription = {
  [Name in HookName]: Omit<HookOptions, "owner"> & {
    readonly event: Name;
    readonly listener: HookListener<Name>;
  };
}[HookName];

/** What an integration tells core without running anything of the agent's work. */
export interface IntegrationMetadata {
  /** Such as `slack:`; the beginning of every client id of this integration. */
  readonly clientIdPrefix?: string;
  /** How a bot's messages are signed in this service: `{ username, icon_url, … }`. */
  userAttribution?(bot: Bot, signal: AbortSignal): JsonObject | Promise<JsonObject>;
  /** Names for channels of this integration, by channel id. */
  resolveDisplayNames?(
    channels: readonly ChannelRef[],
    signal: AbortSignal,
  ): Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
  /** Where answers for a client id go by default; null when nowhere. */
  resolveDispatchConfig?(
    clientId: string,
    signal: AbortSignal,
  ): JsonObject | null | Promise<JsonObject | null>;
}

export interface ChannelRef {
  readonly id: string;
  readonly client_id: string;
  /** The integration's type. */
  readonly integration: string;
}

/**
 * States an integration as a value. Importing a package that calls this does nothing else.
 * @throws IntegrationError INTEGRATION_INVALID, INTEGRATION_API_VERSION
 */
export function defineIntegration<Target = unknown, Config = unknown>(
  integration: IntegrationSpec<Target, Config>,
): Integration {
  assertIntegration(integration);
  return integration;
}

/** The name an integration is shown under. */
export function ownerOf(integration: Pick<Integration, "type" | "packageName">): string {
  return integration.packageName ?? integration.type;
}
