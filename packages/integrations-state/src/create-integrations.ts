import { isIntegrationError } from "@core/registry";
import type { ToolEventRules } from "./events/tool-events.ts";
import { createToolEvents } from "./events/tool-events.ts";
import type { GitAutoCommitOptions } from "./git/git-auto-commit.ts";
import { createGitAutoCommit } from "./git/git-auto-commit.ts";
import type { Integrations, PublishReport } from "./integrations.ts";
import type { IntegrationsPartsOptions } from "./integrations-parts.ts";
import { createIntegrationsParts } from "./integrations-parts.ts";
import { createDestinations } from "./notifications/create-destinations.ts";
import { createNotifications } from "./notifications/create-notifications.ts";
import type { CouriersOptions } from "./notifications/couriers.ts";
import { createWorkUnderWay } from "./work-under-way.ts";
import { createWebhooks } from "./webhooks/create-webhooks.ts";
import { tellableError } from "./webhooks/tellable-error.ts";
import type { WebhooksOptions } from "./webhooks/webhook-settings.ts";

/** `smtp` is the mail server, `channels` are further channels of notifications, `outbox` keeps events until they have arrived. */
export interface IntegrationsOptions
  extends IntegrationsPartsOptions, CouriersOptions, Pick<WebhooksOptions, "outbox"> {
  /** How events are sent where there is no `outbox`. */
  readonly webhooks?: Omit<WebhooksOptions, "outbox">;
  /** Where git auto-commit commits. Default: nowhere. */
  readonly git?: GitAutoCommitOptions;
  /** Which events further tools stand for. */
  readonly toolEvents?: ToolEventRules;
}

/**
 * Webhooks, notifications and git auto-commit on a state that survives: with no options at all in the file
 * `data/state/integrations.json`, which is made at the first change.
 * @throws ENCRYPTION_KEY_INVALID, INTEGRATIONS_INPUT_INVALID for options that cannot be meant
 */
export function createIntegrations(options: IntegrationsOptions = {}): Integrations {
  const { outbox, toolEvents } = options;
  const parts = createIntegrationsParts(options);
  const { store, outbound, diagnostics } = parts;
  const webhooks = createWebhooks(parts, { ...options.webhooks, ...(outbox && { outbox }) });
  const notifications = createNotifications(parts, options);
  const destinations = createDestinations(parts, options);
  const git = createGitAutoCommit(parts, options);
  const work = createWorkUnderWay();
  let closing: Promise<void> | null = null;
  const close = (): Promise<void> => (closing ??= closeOnce());

  return {
    ...webhooks,
    ...notifications,
    ...destinations,
    ...git,
    ...createToolEvents(toolEvents),
    emitWebhookEvent: work.tracked(webhooks.emitWebhookEvent),
    sendNotification: work.tracked(notifications.sendNotification),
    autoCommit: work.tracked(git.autoCommit),
    publish: work.tracked(publish),
    updateState: (mutator) => store.update(mutator),
    setDiagnosticHooks: diagnostics.setHooks,
    async getIntegrationState() {
      const [{ version, updated_at, git_auto_commit }, ...lists] = await Promise.all([
        store.read(),
        webhooks.listWebhooks(),
        notifications.listNotifications(),
        destinations.listDestinations(),
      ]);
      return {
        version,
        updated_at,
        webhooks: lists[0],
        git_auto_commit,
        notifications: lists[1],
        destinations: lists[2],
      };
    },
    close,
    [Symbol.asyncDispose]: close,
  };

  /** Neither waits for the other, nor knows of its failure. */
  async function publish(...event: Parameters<Integrations["publish"]>): Promise<PublishReport> {
    const [eventName, payload] = event;
    const committing = git.autoCommit(eventName, payload);
    try {
      return { webhooks: await webhooks.emitWebhookEvent(...event), error: null, git: await committing };
    } catch (error) {
      diagnostics.error("integrations.publish", error, { event: eventName });
      const code = isIntegrationError(error) ? error.code : "unexpected";
      return { webhooks: null, error: { code, message: tellableError(error) }, git: await committing };
    }
  }

  async function closeOnce(): Promise<void> {
    await work.settled();
    if (options.outbound === undefined) await outbound.close();
    if (options.store === undefined) await store.close();
  }
}
