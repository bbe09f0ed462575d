import { noneDispatcher } from "@core/registry";
import type { DispatcherSubject } from "../src/index.ts";

/** The dispatcher that sends nothing. */
export const noneSubject: DispatcherSubject = {
  sends: false,
  open: async () => ({
    dispatcher: noneDispatcher,
    target: undefined,
    [Symbol.asyncDispose]: async () => {},
  }),
};
