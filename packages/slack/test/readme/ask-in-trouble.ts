import { FAKE_BOT_TOKEN, rateLimited, startFakeSlack } from "@integration/slack/testing";

/** Has an app answer in a Slack that loses an answer and then wants to be left alone; what a person sees of it. */
export async function askInTrouble(
  app: (env: Record<string, string>, channel: string, threadTs: string) => Promise<void>,
): Promise<readonly (string | undefined)[]> {
  const slack = await startFakeSlack();
  const question = await slack.say("What is new?");
  slack.meet("chat.postMessage", "drop_after", rateLimited(1));

  const env = { SLACK_API_URL: slack.apiUrl, SLACK_BOT_TOKEN: FAKE_BOT_TOKEN };
  await app(env, slack.channelId(), question);

  const replies = await slack.messages(question);
  if (slack.tiersExceeded().length > 0) throw new Error("The app calls Slack too often.");
  await slack.close();
  return replies.map(({ text }) => text);
}
