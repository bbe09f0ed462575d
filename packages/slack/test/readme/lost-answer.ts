import { FAKE_BOT_TOKEN, startFakeSlack } from "@integration/slack/testing";

/** Posts into a Slack that loses its answer, and gives back what a person sees there all the same. */
export async function loseAnAnswer(text: string): Promise<readonly (string | undefined)[]> {
  const slack = await startFakeSlack();
  slack.meet("chat.postMessage", "drop_after");

  // In place of your server with SLACK_API_URL=slack.apiUrl and SLACK_BOT_TOKEN=FAKE_BOT_TOKEN:
  const lost = fetch(`${slack.apiUrl}chat.postMessage`, {
    method: "POST",
    headers: { authorization: `Bearer ${FAKE_BOT_TOKEN}` },
    body: new URLSearchParams({ channel: slack.channelId(), text }),
  });
  await lost.catch(() => "the connection broke");

  const seen = await slack.messages();
  await slack.close();
  return seen.map((message) => message.text);
}
