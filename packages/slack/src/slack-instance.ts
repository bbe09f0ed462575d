import type { IntegrationContext, IntegrationInstance } from "@core/registry";
import { createAuditHooks } from "./audit/audit-hooks.ts";
import { createSlackDeliverer } from "./deliverer.ts";
import { createDisplayNames } from "./display-names.ts";
import type { SlackConfig } from "./slack-config.ts";
import { createSlackMeans } from "./slack-means.ts";
import type { SlackTarget } from "./slack-target.ts";
import { createStatusHooks } from "./status/status-hooks.ts";
import { createSlackStreamer } from "./streaming/slack-streamer.ts";

/** Slack as one server uses it; all that goes there keeps below Slack's limits together. */
export function setUpSlack(context: IntegrationContext<SlackConfig>): IntegrationInstance<SlackTarget> {
  const { config, http, secrets, files, storage, clock, logger, host } = context;
  const { SLACK_API_URL: apiUrl, SLACK_STATUS: mode = "reactions", SLACK_AUDIT_CHANNEL: channel } = config;
  const means = createSlackMeans({ fetch: http.fetch, secrets, files, storage, clock, apiUrl });
  const names = createDisplayNames({ ...means, logger });
  const status = createStatusHooks({ mode, access: means, storage, clock, logger });
  const audit = createAuditHooks({ channel, access: means, clock, logger });
  return {
    ...createSlackDeliverer(means),
    ...(config.SLACK_STREAMS !== "off" && { stream: createSlackStreamer({ access: means, host }) }),
    resolveDisplayNames: names.ofChannels,
    hooks: [...status.hooks, ...audit.hooks],
    start: status.start,
    stop: async (signal) => void (await Promise.all([status.stop(signal), audit.stop(signal)])),
  };
}
