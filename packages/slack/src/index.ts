export { botAttribution } from "./attribution.ts";
export type { BotAttribution } from "./attribution.ts";
export { slack } from "./slack.ts";
export { slackOrigin } from "./slack-origin.ts";
export type { SlackOrigin } from "./slack-origin.ts";
export type { SlackTarget } from "./slack-target.ts";
