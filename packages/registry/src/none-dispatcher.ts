import { skipped } from "./delivery.ts";
import type { Dispatcher } from "./dispatcher.ts";

/** Delivers nothing: the result stays with the task, and callers read it there. */
export const noneDispatcher: Dispatcher = {
  idempotent: true,
  deliver: () => Promise.resolve(skipped("The dispatch type is none.")),
};
