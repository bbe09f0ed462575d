import type { Deliverer } from "@core/registry";
import { deliver } from "./deliver.ts";
import { reconcile } from "./reconcile.ts";
import type { SlackAccessOptions } from "./slack-access.ts";
import type { SlackTarget } from "./slack-target.ts";

/** Delivers into Slack. Nothing is kept from one attempt to the next, not even a token. */
export function createSlackDeliverer(
  options: SlackAccessOptions,
): Required<Omit<Deliverer<SlackTarget>, "stream">> {
  return {
    deliver: (delivery, context) => deliver(delivery, context, options),
    reconcile: (delivery, context) => reconcile(delivery, context, options),
  };
}
