import type { Clock } from "./clock.ts";
import type { Delivery, DeliveryOutcome, SentPart } from "./delivery.ts";
import type { Logger } from "./logger.ts";
import type { StandardSchema } from "./standard-schema.ts";

/** What a dispatcher says of itself before it can send anything. */
export interface DispatcherDeclaration<Target = unknown> {
  /** Reads a target when it is written; strict, so that a misspelt field is refused. Missing: only an empty target. */
  readonly target?: StandardSchema<unknown, Target>;
  /** Reads a stored target when the shape has changed since it was written. Default: stored targets are trusted. */
  readonly storedTarget?: StandardSchema<unknown, Target>;
  readonly capabilities?: Capabilities;
  /** The receiver drops a second delivery with the same id, so that a lost answer may be sent again. Default false. */
  readonly idempotent?: boolean;
  /** Deliveries with the same key go out in order, one at a time; `null` (default): unordered. */
  orderKey?(target: Target): string | null;
  /**
   * Whether results are shown at this target while they grow. What has an order key holds up all that comes behind it
   * until its task has ended, so say no where that would keep others waiting. Missing: everywhere.
   */
  streamsTo?(target: Target): boolean;
}

/** Delivers something to a target. Only `deliver` is mandatory. */
export interface Dispatcher<Target = unknown> extends DispatcherDeclaration<Target>, Deliverer<Target> {}

/** The acting half of a dispatcher. */
export interface Deliverer<Target = unknown> {
  /** Makes one attempt. A throw counts as a lost answer: retried if `idempotent`, otherwise reconciled or held. */
  deliver(delivery: Delivery<Target>, context: DeliveryContext): Promise<DeliveryOutcome>;
  /** Tells whether an attempt whose answer was lost has arrived. */
  reconcile?(delivery: Delivery<Target>, context: DeliveryContext): Promise<Reconciliation>;
  /**
   * Shows a result while it grows, as far as that is possible; declared as `capabilities.stream` or `edit`. Returns at
   * once. Whatever came of it, a crash too, `deliver` follows with the whole result and the parts that were noted, and
   * `reconcile` is not asked before. So note a part before it is begun, and once more when it is known as what.
   */
  stream?(delivery: GrowingDelivery<Target>, context: DeliveryContext): StreamSink;
}

/** A delivery whose result is not there yet. */
export type GrowingDelivery<Target = unknown> = Omit<Delivery<Target>, "kind" | "payload" | "attempt"> & {
  readonly task_id: string;
};

/** Where a growing text goes. */
export interface StreamSink {
  /** Takes what the text grows by. Returns at once and never throws. */
  append(text: string): void;
  /** The text has ended, whole or broken off: closes what is open. Resolves soon and never rejects. */
  finish(): Promise<void>;
}

/**
 * What the receiver tells of an attempt whose answer was lost. `partly_sent`: these parts are there; they are kept as
 * sent, and `deliver` goes on behind them. `unknown`: a person decides.
 */
export type Reconciliation =
  | { readonly status: "sent"; readonly externalIds: readonly string[] }
  | { readonly status: "partly_sent"; readonly parts: readonly SentPart[] }
  | { readonly status: "not_sent" }
  | {
      readonly status: "unknown";
      /** For the person who decides; without secrets. */
      readonly reason?: string;
    };

export interface DeliveryContext {
  /** Aborted at the attempt's deadline and when the server stops. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Stores that a part has arrived before the next one is sent, so that a retry never repeats it. */
  partSent(part: SentPart): Promise<void>;
}

/** What a dispatcher can do beyond sending text once. Everything missing is "no". */
export interface Capabilities {
  /** Shows text while it grows, natively. */
  readonly stream?: boolean;
  /** Changes a message that was sent. */
  readonly edit?: boolean;
  readonly delete?: boolean;
  readonly reactions?: boolean;
  readonly files?: boolean;
  readonly threads?: boolean;
  readonly ephemeral?: boolean;
  readonly buttons?: boolean;
  readonly approvals?: boolean;
  readonly markdown?: boolean;
  /** The longest text of one message, in characters. */
  readonly max_text?: number;
}

/** Puts the two halves of a dispatcher together; each may be a class instance. */
export function joinDispatcher(declaration: DispatcherDeclaration, deliverer: Deliverer): Dispatcher {
  const { target, storedTarget, capabilities, idempotent } = declaration;
  return {
    ...(target && { target }),
    ...(storedTarget && { storedTarget }),
    ...(capabilities && { capabilities }),
    ...(idempotent !== undefined && { idempotent }),
    ...(declaration.orderKey && { orderKey: declaration.orderKey.bind(declaration) }),
    ...(declaration.streamsTo && { streamsTo: declaration.streamsTo.bind(declaration) }),
    deliver: deliverer.deliver.bind(deliverer),
    ...(deliverer.reconcile && { reconcile: deliverer.reconcile.bind(deliverer) }),
    ...(deliverer.stream && { stream: deliverer.stream.bind(deliverer) }),
  };
}

/** The best way a dispatcher can show growing text: natively, by editing one message, or as one final message. */
export function streamingMode(capabilities: Capabilities | undefined): "stream" | "edit" | "final" {
  if (capabilities?.stream) return "stream";
  return capabilities?.edit ? "edit" : "final";
}
