import type { StandardSchema } from "@core/registry";
import { z } from "zod";
import { isChannelId } from "./slack-target.ts";
import type { StatusMode } from "./status/status-hooks.ts";

/** The settings of the integration. */
export interface SlackConfig {
  readonly SLACK_API_URL?: string | undefined;
  /** Default `reactions`. */
  readonly SLACK_STATUS?: StatusMode | undefined;
  readonly SLACK_AUDIT_CHANNEL?: string | undefined;
  /** Whether results in threads are shown while they grow. Default `on`. */
  readonly SLACK_STREAMS?: "on" | "off" | undefined;
}

/** Reads the variables that are set. */
export const slackConfigSchema: StandardSchema<unknown, SlackConfig> = z.object({
  SLACK_API_URL: z.url({ protocol: /^https?$/ }).optional(),
  SLACK_STATUS: z.enum(["reactions", "session", "off"]).optional(),
  SLACK_AUDIT_CHANNEL: z
    .string()
    .refine(isChannelId, 'This is no channel id. Write one such as "C0123456789".')
    .optional(),
  SLACK_STREAMS: z.enum(["on", "off"]).optional(),
});
