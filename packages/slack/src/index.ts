export { botAttribution } from "./attribution.ts";
export type { BotAttribution } from "./attribution.ts";
export { slack } from "./slack.ts";
export type { SlackTarget } from "./slack-target.ts";
