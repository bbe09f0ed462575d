import { isIntegrationError } from "@core/registry";
import type { ChannelNotification } from "../channels/notification-channel.ts";
import type { SecretBox } from "../secrets/secret-box.ts";
import { notConfigured, unsent } from "./courier.ts";
import type { CourierResult, DeliveryLimits } from "./courier.ts";
import type { Couriers } from "./couriers.ts";
import type { NotificationRoute } from "./notification-route.ts";
import type { DestinationResult, NotificationDelivery } from "./notifications.ts";

export interface DeliveryParts {
  readonly couriers: Couriers;
  readonly secrets: SecretBox;
}

/** Tries one route after another until somebody takes the notification. */
export async function deliverNotification(
  notification: ChannelNotification & { readonly channel: string },
  routes: readonly NotificationRoute[],
  limits: DeliveryLimits,
  parts: DeliveryParts,
): Promise<NotificationDelivery> {
  const results: DestinationResult[] = [];
  for (const route of routes) {
    const result = await deliverByRoute(notification, route, limits, parts);
    results.push({ ...result, destination: route.destination });
    if (isTaken(result) || limits.signal?.aborted) break;
  }
  const decisive =
    results.find(isTaken) ??
    results.findLast(({ status }) => status === "failed") ??
    results.at(-1) ??
    nowhere(notification.channel);
  return { ...decisive, tried: results.filter((result) => result !== decisive) };
}

/** Whether a service or a mail server has it. */
export function isTaken({ status }: { readonly status: DestinationResult["status"] }): boolean {
  return status === "delivered" || status === "accepted";
}

async function deliverByRoute(
  notification: ChannelNotification & { readonly channel: string },
  route: NotificationRoute,
  limits: DeliveryLimits,
  { couriers, secrets }: DeliveryParts,
): Promise<CourierResult> {
  const courier = couriers.get(route.channel);
  if (courier === undefined) {
    const message = `This instance has no channel "${route.channel}". Give it one by the option channels.`;
    return notConfigured("channel_unknown", message);
  }
  const address = opened(route.address, secrets);
  if (typeof address !== "string") return address;
  const issue = courier.addressIssue(address);
  if (issue !== null) return unsent("address_refused", issue);
  if (route.channel === notification.channel) return courier.deliver(notification, address, limits);

  // What was written for one service means nothing to another.
  const { attachments } = notification;
  const result = await courier.deliver({ ...notification, attachments: [] }, address, limits);
  if (attachments.length === 0) return result;
  const note = `Attachments for ${notification.channel} were left out: ${attachments.length}.`;
  return { ...result, notes: [note, ...result.notes] };
}

/** A destination that cannot be read must not keep the others from being tried. */
function opened(address: string, secrets: SecretBox): string | CourierResult {
  try {
    return secrets.open(address);
  } catch (error) {
    if (!isIntegrationError(error)) throw error;
    return unsent("destination_unreadable", error.message);
  }
}

function nowhere(channel: string): DestinationResult {
  const message = `Nothing says where messages of ${channel} go, so it was recorded only. Make a destination its default one, or name one.`;
  return { ...notConfigured("no_destination", message), destination: null };
}
