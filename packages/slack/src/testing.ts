export { startFakeSlack } from "./testing/fake-slack.ts";
export type { FakeSlack } from "./testing/fake-slack.ts";
export { FAKE_BOT_TOKEN, FAKE_CHANNELS, POST_ONLY_TOKEN } from "./testing/slack-emulator.ts";
export type { PostedMessage, SlackEmulator } from "./testing/slack-emulator.ts";
export type { Fault, FaultyAnswer, SlackCall, SlackProxy } from "./testing/slack-proxy.ts";
