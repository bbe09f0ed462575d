import type { DispatcherRegistry } from "@core/registry";
import { jsonDigest } from "../store/canonical-json.ts";
import type { DeliveryFailure } from "./delivery-record.ts";
import { storable } from "../store/storable-text.ts";
import { messageOf } from "../thrown-value.ts";

/** The line a delivery stands in. */
export interface Line {
  /** Unique over all dispatch types; null: it stands in none. */
  readonly orderKey: string | null;
  /** What there is to say when the dispatcher could not tell. */
  readonly failures: readonly DeliveryFailure[];
}

const NO_LINE: Line = { orderKey: null, failures: [] };

/** Asks the dispatcher for the line of deliveries to a target; never throws. */
export function lineOf(dispatchers: DispatcherRegistry, type: string, target: unknown): Line {
  try {
    const key = dispatchers.get(type).orderKey?.(target) ?? null;
    return key === null ? NO_LINE : { orderKey: lineNamed(type, key), failures: [] };
  } catch (error) {
    const message = storable(`It is sent out of order: orderKey failed. ${messageOf(error)}`);
    const failure = { attempt: 0, at: new Date().toISOString(), code: "order_key_failed", message };
    return { orderKey: null, failures: [failure] };
  }
}

/** A line's name, unique over all dispatch types. */
export function lineNamed(type: string, key: string): string {
  return `${type}:${indexable(key)}`;
}

/** An index holds no long texts, and Postgres no NUL. */
function indexable(key: string): string {
  return key.length > LONGEST_PLAIN_KEY || storable(key) !== key ? jsonDigest(key) : key;
}

const LONGEST_PLAIN_KEY = 255;
