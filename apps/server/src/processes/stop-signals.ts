/** Where signals come from: `process`, or a stand-in in tests. */
interface SignalSource {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
}

export interface StopSignalOptions {
  readonly source?: SignalSource;
  /** Whether a person's terminal is attached; without one, SIGHUP is ignored, as `nohup` expects. */
  readonly hasTerminal: boolean;
  /** The first reason to stop. After a signal, work in hand may end; otherwise nobody is left to wait for it. */
  readonly onStop: (reason: string, mayDrain: boolean) => void;
  /** A later one: the person does not want to wait. */
  readonly onForce: (signal: NodeJS.Signals) => void;
  readonly now?: () => number;
}

/** One Ctrl-C can arrive twice: from the terminal, and passed on by a package manager. */
const ECHO_MS = 500;

/**
 * Turns TERM, INT and a closing terminal into one request to stop, and a later one into one to stop at once.
 * @returns asks to stop for another reason, without waiting for work in hand
 */
export function onStopSignals(options: StopSignalOptions): (reason: string) => void {
  const { source = process, hasTerminal, onStop, onForce, now = () => performance.now() } = options;
  let firstAt: number | null = null;
  const ask = (reason: string, mayDrain: boolean): void => {
    if (firstAt !== null) return;
    firstAt = now();
    onStop(reason, mayDrain);
  };
  const take = (signal: NodeJS.Signals): void => {
    if (firstAt !== null && now() - firstAt > ECHO_MS) onForce(signal);
    else ask(signal, true);
  };
  source.on("SIGTERM", take);
  source.on("SIGINT", take);
  // Node forgets what `nohup` asked for, so the terminal itself is the sign.
  source.on("SIGHUP", (signal) => hasTerminal && take(signal));
  return (reason) => ask(reason, false);
}
