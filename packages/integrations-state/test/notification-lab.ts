import { inspect } from "node:util";
import { createOutbound } from "@core/outbound";
import type { Clock } from "@core/registry";
import { createRecordingLogger } from "@core/testing";
import { createDiagnostics } from "../src/diagnostics/diagnostic-hooks.ts";
import type { IntegrationsParts } from "../src/integrations-parts.ts";
import type { CouriersOptions } from "../src/notifications/couriers.ts";
import { createDestinations } from "../src/notifications/create-destinations.ts";
import { createNotifications } from "../src/notifications/create-notifications.ts";
import type { Destinations } from "../src/notifications/destinations.ts";
import type { Notifications } from "../src/notifications/notifications.ts";
import { createSecretBox } from "../src/secrets/secret-box.ts";
import { createMemoryStore } from "../src/testing/memory-store.ts";

export interface NotificationLab extends Notifications, Destinations, AsyncDisposable {
  readonly parts: IntegrationsParts;
  /** How long was waited between attempts. */
  readonly waits: readonly number[];
  /** Lets time pass. */
  pass(ms: number): void;
  /** All that log and diagnostics were told, as a text to search. */
  told(): string;
}

export interface NotificationLabOptions extends CouriersOptions {
  readonly parts?: Partial<IntegrationsParts>;
  /** Blocks that may be reached. Default: loopback. */
  readonly allow?: readonly string[];
}

/** Notifications and destinations on one state in memory, sealed, with real HTTP and waits that cost no time. */
export function openNotificationLab(options: NotificationLabOptions = {}): NotificationLab {
  const { parts: given = {}, allow = ["127.0.0.0/8"], ...couriers } = options;
  const logger = createRecordingLogger();
  const told: unknown[] = [];
  const { clock, waits, pass } = createSkippingClock();
  const outbound = given.outbound ?? createOutbound({ allow, logger });
  const diagnostics = createDiagnostics({
    emitMetric: (metric) => void told.push(metric),
    emitEvent: (event) => void told.push(event),
    emitError: (error) => void told.push(error),
  });
  const parts: IntegrationsParts = {
    store: createMemoryStore(),
    secrets: createSecretBox(Buffer.alloc(32, 7).toString("base64")),
    outbound,
    diagnostics,
    clock,
    random: () => 0.999_999,
    logger,
    ...given,
  };
  return {
    ...createNotifications(parts, couriers),
    ...createDestinations(parts, couriers),
    parts,
    waits,
    pass,
    told: () => inspect([told, logger.entries], { depth: null, maxStringLength: null, maxArrayLength: null }),
    [Symbol.asyncDispose]: () => outbound.close(),
  };
}

/** A wait ends at once, and the time has passed. */
function createSkippingClock(): { clock: Clock; waits: number[]; pass: (ms: number) => void } {
  const waits: number[] = [];
  let nowMs = Date.parse("2026-01-01T00:00:00Z");
  const pass = (ms: number): void => {
    nowMs += ms;
  };
  return {
    waits,
    pass,
    clock: {
      now: () => nowMs,
      after(delayMs, callback) {
        waits.push(delayMs);
        const immediate = setImmediate(() => {
          pass(delayMs);
          callback();
        });
        return () => clearImmediate(immediate);
      },
    },
  };
}
