import type { Dispatcher, Origin } from "@core/registry";
import type { FaultPlan } from "../faults/fault-plan.ts";
import type { ManualClock } from "../fakes/manual-clock.ts";
import type { RecordingLogger } from "../fakes/recording-logger.ts";

/** What a dispatcher's author hands to the contract. */
export interface DispatcherSubject {
  /** A fresh dispatcher and a fresh outside world; called at least once by every check. */
  open(tools: HarnessTools): Promise<DispatcherHarness>;
  /** False for a dispatcher that sends nothing to anybody: checks that need a receiver are left out. Default true. */
  readonly sends?: boolean;
  /** A text that takes several messages, best made by `numberedText`. Missing: checks of parts are left out. */
  readonly longText?: string;
  /** How long an attempt may take to come back once its signal is aborted, in real time. Default 10,000. */
  readonly graceMs?: number;
}

/** For the integration's own context, so that its log is read and its time is the contract's. */
export interface HarnessTools {
  readonly clock: ManualClock;
  readonly logger: RecordingLogger;
}

/** A dispatcher, its target, and the world it sends to. Disposed of after its check. */
export interface DispatcherHarness extends AsyncDisposable {
  readonly dispatcher: Dispatcher;
  /** A valid one, as a caller writes it. */
  readonly target: unknown;
  /** More valid ones, such as a thread beside a channel. */
  readonly otherTargets?: readonly unknown[];
  /** The message that deliveries answer, where that changes how a result is shown. */
  readonly origin?: Origin;
  /** Each is wrong in one field. */
  readonly invalidTargets?: readonly unknown[];
  /** Texts that must never appear in an outcome or a log. */
  readonly secrets?: readonly string[];
  /** Needed unless the subject's `sends` is false. */
  readonly receiver?: Receiver;
  /** The dispatcher of a process that has started anew, in the same world. Missing: the old one goes on. */
  restart?(): Dispatcher | Promise<Dispatcher>;
}

/** The outside world, and the faults on the way to it. */
export interface Receiver {
  /** A `createFaultProxy` that lets the requests match that post a message. */
  readonly faults: FaultPlan;
  /** What the world shows now, oldest first; for an idempotent dispatcher every copy that came in. */
  received(): Promise<readonly ReceivedMessage[]>;
}

export interface ReceivedMessage {
  readonly text: string;
  /** It is marked as one that somebody still writes. */
  readonly isGrowing?: boolean;
  /** By which the receiver drops copies; needed if the dispatcher is idempotent. */
  readonly deliveryId?: string;
}
