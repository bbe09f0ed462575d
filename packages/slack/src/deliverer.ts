import type { Deliverer } from "@core/registry";
import { deliver } from "./deliver.ts";
import { reconcile } from "./reconcile.ts";
import type { SlackMeans } from "./slack-means.ts";
import type { SlackTarget } from "./slack-target.ts";

/** Delivers into Slack. From one attempt to the next only counts of calls are kept, and no token. */
export function createSlackDeliverer(means: SlackMeans): Required<Omit<Deliverer<SlackTarget>, "stream">> {
  return {
    deliver: (delivery, context) => deliver(delivery, context, means),
    reconcile: (delivery, context) => reconcile(delivery, context, means),
  };
}
