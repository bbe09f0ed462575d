import { isChannelId } from "./slack-target.ts";

/** The beginning of every client id of Slack's. */
export const CLIENT_ID_PREFIX = "slack:";

/** The channel that a client id such as `slack:C0123456789` names; null when it is not one of Slack's. */
export function channelOfClient(clientId: string): string | null {
  if (!clientId.startsWith(CLIENT_ID_PREFIX)) return null;
  const channelId = clientId.slice(CLIENT_ID_PREFIX.length);
  return isChannelId(channelId) ? channelId : null;
}
