import { deadRows } from "./dead-rows.ts";
import { drain, drainOfBurst } from "./drain.ts";
import { enqueueMany, enqueueOne } from "./enqueue.ts";
import { history } from "./history.ts";
import { lanes } from "./lanes.ts";
import { pgliteDrain, pgliteEnqueue, pglitePickUp } from "./pglite.ts";
import { pickUp, pickUpElsewhere } from "./pick-up.ts";
import type { Scenario } from "./scenario.ts";
import { slots } from "./slots.ts";

/** All scenarios, in the order in which they run and are shown. */
export const scenarios: readonly Scenario[] = [
  enqueueOne,
  enqueueMany,
  drain,
  drainOfBurst,
  slots,
  pickUp,
  pickUpElsewhere,
  deadRows,
  lanes,
  history,
  pgliteDrain,
  pgliteEnqueue,
  pglitePickUp,
];

/** @throws Error that names those there are */
export function scenarioNamed(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (found !== undefined) return found;
  const names = scenarios.map((scenario) => scenario.name).join(", ");
  throw new Error(`There is no scenario "${name}". Name one of ${names}.`);
}
