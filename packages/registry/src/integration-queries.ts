import type { Bot } from "./bot.ts";
import type { Clock } from "./clock.ts";
import { IntegrationError, reasonOf } from "./errors.ts";
import type { ChannelRef, Integration, IntegrationInstance } from "./integration.ts";
import { ownerOf } from "./integration.ts";
import type { JsonObject } from "./json.ts";

/** Questions that core asks its integrations; one that fails or is late counts as having no answer. */
export interface IntegrationQueries {
  /** How a bot's messages are signed; `{}` when the type is unknown or has no answer. */
  getUserAttribution(type: string, bot: Bot): Promise<JsonObject>;
  getAllClientIdPrefixes(): readonly string[];
  isIntegrationClientId(clientId: string | null | undefined): boolean;
  /** `{ channel.id: name }`, asked of all integrations at once; channels without an answer are left out. */
  resolveAllDisplayNames(channels: readonly ChannelRef[]): Promise<Readonly<Record<string, string>>>;
  /** Where answers for a client id go: its integration's type and target; null when nowhere. */
  resolveDispatchConfig(clientId: string | null | undefined): Promise<ResolvedDispatch | null>;
}

export interface ResolvedDispatch {
  readonly dispatch_type: string;
  readonly dispatch_config: JsonObject;
}

export interface IntegrationQueriesOptions {
  readonly integrations: () => readonly Integration[];
  /** By type. */
  readonly active: ReadonlyMap<string, IntegrationInstance>;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly onError: (error: IntegrationError) => void;
}

export function createIntegrationQueries(options: IntegrationQueriesOptions): IntegrationQueries {
  const { integrations, active, clock, timeoutMs, onError } = options;

  return {
    async getUserAttribution(type, bot) {
      const integration = find(type);
      const { metadata } = integration ?? {};
      if (!integration || !metadata?.userAttribution) return {};
      const answer = await ask(integration, "userAttribution", (signal) =>
        metadata.userAttribution?.(bot, signal),
      );
      return answer ?? {};
    },
    getAllClientIdPrefixes: prefixes,
    isIntegrationClientId: (clientId) =>
      !!clientId && prefixes().some((prefix) => clientId.startsWith(prefix)),
    async resolveAllDisplayNames(channels) {
      const groups = [...Map.groupBy(channels, ({ integration }) => integration)];
      const answers = await Promise.all(groups.map(([type, group]) => namesOf(type, group)));
      return Object.fromEntries(answers.flat());
    },
    async resolveDispatchConfig(clientId) {
      if (!clientId) return null;
      const integration = integrations().find(({ metadata }) =>
        hasPrefix(metadata?.clientIdPrefix, clientId),
      );
      const { metadata } = integration ?? {};
      if (!integration || !metadata?.resolveDispatchConfig) return null;
      const config = await ask(integration, "resolveDispatchConfig", (signal) =>
        metadata.resolveDispatchConfig?.(clientId, signal),
      );
      return config ? { dispatch_type: integration.type, dispatch_config: config } : null;
    },
  };

  function find(type: string): Integration | undefined {
    return integrations().find((one) => one.type === type);
  }

  function prefixes(): readonly string[] {
    return integrations().flatMap(({ metadata }) => metadata?.clientIdPrefix ?? []);
  }

  /** Only the names that were asked for, so that no integration can rename another's channels. */
  async function namesOf(type: string, channels: readonly ChannelRef[]): Promise<[string, string][]> {
    const integration = find(type);
    const resolver = [active.get(type), integration?.metadata].find((one) => one?.resolveDisplayNames);
    if (!integration || !resolver) return [];
    const names = await ask(integration, "resolveDisplayNames", (signal) =>
      resolver.resolveDisplayNames?.(channels, signal),
    );
    return channels.flatMap(({ id }): [string, string][] => {
      const name: unknown = names?.[id];
      return typeof name === "string" ? [[id, name]] : [];
    });
  }

  async function ask<Answer>(
    integration: Integration,
    query: string,
    call: (signal: AbortSignal) => Answer | Promise<Answer>,
  ): Promise<Answer | null> {
    const controller = new AbortController();
    const { promise: late, reject } = Promise.withResolvers<never>();
    const cancel = clock.after(timeoutMs, () => reject(new Error(`no answer within ${timeoutMs} ms`)));
    try {
      return await Promise.race([Promise.resolve(controller.signal).then(call), late]);
    } catch (cause) {
      controller.abort(cause);
      onError(queryFailed(integration, query, cause));
      return null;
    } finally {
      cancel();
    }
  }
}

function hasPrefix(prefix: string | undefined, clientId: string): boolean {
  return prefix !== undefined && clientId.startsWith(prefix);
}

function queryFailed(integration: Integration, query: string, cause: unknown): IntegrationError {
  const owner = ownerOf(integration);
  return new IntegrationError({
    code: "QUERY_FAILED",
    message: `${query} of "${owner}" failed: ${reasonOf(cause)}`,
    details: { type: integration.type, query },
    cause,
  });
}
