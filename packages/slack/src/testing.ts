export { startFakeSlack } from "./testing/fake-slack.ts";
export type { FakeSlack } from "./testing/fake-slack.ts";
export type { FakeSlackOptions } from "./testing/fake-slack-options.ts";
export type { SentEnvelope } from "./testing/envelopes.ts";
export {
  FAKE_APP_TOKEN,
  FAKE_BOT_TOKEN,
  FAKE_BOT_USER_ID,
  FAKE_CHANNELS,
  FAKE_TEAM_ID,
  POST_ONLY_TOKEN,
} from "./testing/fake-workspace.ts";
export type { FakeBot } from "./testing/fake-workspace.ts";
export { lackOfScope, rateLimited, refusal, unavailable } from "./testing/faults.ts";
export type { Chaos, Fault, FaultyAnswer } from "./testing/faults.ts";
export type { PersonInSlack, PlaceInSlack } from "./testing/person.ts";
export type { RateLimit, SeenRate } from "./testing/rate-limits.ts";
export type { PostedFile, PostedMessage, SlackReader } from "./testing/reader.ts";
export type { FakeSession } from "./testing/sessions.ts";
export type { SlackCall } from "./testing/slack-calls.ts";
export type { FakeSockets } from "./testing/socket-mode.ts";
export type { FakeStream, StreamLimits, StreamState } from "./testing/streams.ts";
export type { FakeFile, SharedFile } from "./testing/uploads.ts";
