import type { Dispatcher, DispatcherDeclaration } from "@core/registry";

/** Where a delivery of this suite goes: to a place in a line, or anywhere. */
export interface TortureTarget {
  readonly line: string | null;
  readonly place: number;
}

/** What both sides know of the dispatcher: its receiver drops duplicates, and lines are kept in order. */
export const tortureDeclaration: DispatcherDeclaration<TortureTarget> &
  Pick<Dispatcher<TortureTarget>, "idempotent"> = {
  target: {
    "~standard": { version: 1, vendor: "torture", validate: (value) => ({ value: value as TortureTarget }) },
  },
  idempotent: true,
  orderKey: ({ line }) => line,
};

export const TORTURE_TYPE = "torture";
