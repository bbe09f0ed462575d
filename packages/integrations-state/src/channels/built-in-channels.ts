import { discordChannel } from "./discord.ts";
import type { NotificationChannel } from "./notification-channel.ts";
import { slackChannel } from "./slack.ts";
import { webhookChannel } from "./webhook.ts";

/** The channels over HTTP that every instance has. */
export const builtInChannels: readonly NotificationChannel[] = [slackChannel, discordChannel, webhookChannel];
