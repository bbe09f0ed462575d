import type { IntegrationContext, IntegrationInstance } from "@core/registry";
import { createSlackDeliverer } from "./deliverer.ts";
import { createDisplayNames } from "./display-names.ts";
import { createSlackMeans } from "./slack-means.ts";
import type { SlackTarget } from "./slack-target.ts";

/** Slack as one server uses it; all that goes there keeps below Slack's limits together. */
export function setUpSlack(
  context: IntegrationContext<{ readonly SLACK_API_URL?: string | undefined }>,
): IntegrationInstance<SlackTarget> {
  const { config, http, secrets, files, storage, clock, logger } = context;
  const apiUrl = config.SLACK_API_URL;
  const means = createSlackMeans({ fetch: http.fetch, secrets, files, storage, clock, apiUrl });
  const names = createDisplayNames({ ...means, logger });
  return { ...createSlackDeliverer(means), resolveDisplayNames: names.ofChannels };
}
