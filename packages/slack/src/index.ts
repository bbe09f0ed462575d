export { botAttribution } from "./attribution.ts";
export type { BotAttribution } from "./attribution.ts";
export { slack } from "./slack.ts";
export { createSlackMessages } from "./slack-messages.ts";
export type { SlackMessageName, SlackMessages, SlackMessagesOptions } from "./slack-messages.ts";
export { slackOrigin } from "./slack-origin.ts";
export type { SlackOrigin } from "./slack-origin.ts";
export type { SlackTarget } from "./slack-target.ts";
