export { startFakeSlack } from "./testing/fake-slack.ts";
export type { FakeSlack, FakeSlackOptions } from "./testing/fake-slack.ts";
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
export type { PlaceInSlack, PostedFile, PostedMessage } from "./testing/person.ts";
export type { RateLimit, SeenRate } from "./testing/rate-limits.ts";
export type { FakeSession } from "./testing/sessions.ts";
export type { SlackCall } from "./testing/slack-calls.ts";
export type { FakeStream, StreamLimits, StreamState } from "./testing/streams.ts";
export type { FakeFile } from "./testing/uploads.ts";
