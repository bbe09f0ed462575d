import type { IntegrationContext, IntegrationInstance } from "@core/registry";
import { createAuditHooks } from "./audit/audit-hooks.ts";
import { createSlackDeliverer } from "./deliverer.ts";
import type { SlackConfig } from "./slack-config.ts";
import type { SlackTarget } from "./slack-target.ts";
import { createSlackStreamer } from "./streaming/slack-streamer.ts";
import { createStatusHooks } from "./status/status-hooks.ts";

/** Slack at work: what it delivers, and what it shows of the agent's runs. */
export function createSlackInstance(
  context: IntegrationContext<SlackConfig>,
): IntegrationInstance<SlackTarget> {
  const { config, http, secrets, clock, logger, storage, host } = context;
  const access = { fetch: http.fetch, secrets, apiUrl: config.SLACK_API_URL };
  const { SLACK_STATUS: mode = "reactions", SLACK_AUDIT_CHANNEL: channel } = config;
  const status = createStatusHooks({ mode, access, storage, clock, logger });
  const audit = createAuditHooks({ channel, access, clock, logger });
  return {
    ...createSlackDeliverer(access),
    ...(config.SLACK_STREAMS === "on" && { stream: createSlackStreamer({ access, host, clock }) }),
    hooks: [...status.hooks, ...audit.hooks],
    start: status.start,
    stop: async (signal) => void (await Promise.all([status.stop(signal), audit.stop(signal)])),
  };
}
