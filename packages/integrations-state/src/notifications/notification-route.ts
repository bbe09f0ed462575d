import { IntegrationsError, invalidInput } from "../errors.ts";
import type { IntegrationState, StoredDestination } from "../state/integration-state.ts";
import type { NotificationRequest } from "./notification-input.ts";

/** One place that a notification may go to. */
export interface NotificationRoute {
  /** Null for a URL that the caller gave. */
  readonly destination: string | null;
  readonly channel: string;
  /** As it is stored: perhaps sealed. */
  readonly address: string;
}

/**
 * Where a notification goes, in the order in which it is tried; empty when nothing says.
 * @throws DESTINATION_NOT_FOUND, INTEGRATIONS_INPUT_INVALID for a destination of another channel
 */
export function notificationRoutes(
  { destinations }: IntegrationState,
  request: NotificationRequest,
): NotificationRoute[] {
  const byName = new Map(destinations.map((destination) => [destination.name, destination]));
  const { channel, destination, webhook_url: url, fallback_destinations: fallbacks } = request;
  refuseUnknown([destination ?? [], fallbacks].flat(), byName);
  refuseOtherChannel(channel, byName.get(destination ?? ""));

  const usual = destinations.find((one) => one.channel === channel && one.is_default)?.name;
  const first = destination ?? (url === undefined ? usual : undefined);
  const names = new Set([first ?? [], fallbacks].flat());
  const named = [...names].flatMap((name) => routeTo(byName.get(name)));
  return url === undefined ? named : [{ destination: null, channel, address: url }, ...named];
}

function routeTo(destination: StoredDestination | undefined): NotificationRoute[] {
  if (destination === undefined) return [];
  return [{ destination: destination.name, channel: destination.channel, address: destination.url }];
}

function refuseUnknown(names: readonly string[], known: ReadonlyMap<string, StoredDestination>): void {
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  const list = [...known.keys()].toSorted().join(", ") || "none";
  throw new IntegrationsError({
    code: "DESTINATION_NOT_FOUND",
    message: `The notification was not sent: there is no destination called ${unknown.join(", ")}. There are: ${list}.`,
    details: { destinations: unknown },
  });
}

function refuseOtherChannel(channel: string, destination: StoredDestination | undefined): void {
  if (destination === undefined || destination.channel === channel) return;
  const message = `${destination.name} is a destination of ${destination.channel}, and the channel is ${channel}.`;
  throw invalidInput("The notification was not sent.", [{ field: "destination", message }]);
}
