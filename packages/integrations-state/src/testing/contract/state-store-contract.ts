import { systemClock } from "@core/registry";
import type { Clock } from "@core/registry";
import type { StateStore } from "../../state/state-store.ts";
import { closingChecks } from "./closing-checks.ts";
import { isolationChecks } from "./isolation-checks.ts";
import { orderChecks } from "./order-checks.ts";
import type { Scene } from "./scene.ts";
import { storingChecks } from "./storing-checks.ts";

/** One promise of a store, checked by itself in a place of its own; fits any test runner. */
export interface StateStoreCheck {
  /** A plain sentence. */
  readonly name: string;
  /** Rejects with an `AssertionError` when the promise is not kept. */
  run(): Promise<void>;
}

/** Where a state may live, such as a path or a table. */
export interface StatePlace {
  /** Opens a store on it; several are open at the same time. Each check closes its own. */
  open(clock: Clock): StateStore | Promise<StateStore>;
  /** Called at the end of a check, when all stores of it are closed. */
  remove?(): Promise<void>;
}

export interface StateStoreContractSubject {
  /** A new and empty place for each check. */
  newPlace(): StatePlace | Promise<StatePlace>;
}

/**
 * What every store of the integrations state promises, for those who write one of their own.
 * @example
 * for (const check of stateStoreContract({ newPlace })) it(check.name, check.run);
 */
export function stateStoreContract(subject: StateStoreContractSubject): readonly StateStoreCheck[] {
  const checks = { ...storingChecks, ...isolationChecks, ...orderChecks, ...closingChecks };
  return Object.entries(checks).map(([name, check]) => ({ name, run: () => inScene(subject, check) }));
}

/** Its date stands still; timers run, because a store may wait by them. */
const standingStill: Clock = { ...systemClock, now: () => Date.parse("2026-01-01T00:00:00Z") };

async function inScene(
  { newPlace }: StateStoreContractSubject,
  check: (scene: Scene) => Promise<void>,
): Promise<void> {
  const place = await newPlace();
  const opened: StateStore[] = [];
  const open: Scene["open"] = async (clock = standingStill) => {
    const store = await place.open(clock);
    opened.push(store);
    return store;
  };
  try {
    await check({ open });
  } finally {
    await Promise.all(opened.map((store) => store.close()));
    await place.remove?.();
  }
}
