import type { Bot } from "@core/registry";

/** How a message of a bot is signed in Slack; an emoji or a picture, never both. */
export type BotAttribution = { readonly username?: string } & (
  | { readonly icon_emoji?: string; readonly icon_url?: never }
  | { readonly icon_url?: string; readonly icon_emoji?: never }
);

/** Signs with the bot's display name, or else its name, and with its emoji for Slack, or else its avatar. */
export function botAttribution(bot: Bot | null): BotAttribution {
  if (bot === null) return {};
  const username = (bot.display_name || bot.name).toWellFormed();
  return { ...(username !== "" && { username }), ...iconOf(bot) };
}

function iconOf({ integration_config: config, avatar_url: avatarUrl }: Bot): BotAttribution {
  const emoji = config?.["slack"]?.["icon_emoji"];
  if (typeof emoji === "string" && emoji !== "") return { icon_emoji: emoji.toWellFormed() };
  return avatarUrl ? { icon_url: avatarUrl.toWellFormed() } : {};
}
