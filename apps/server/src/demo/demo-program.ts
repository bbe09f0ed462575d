import { watchLaunchers } from "../processes/launcher-watch.ts";
import { onStopSignals } from "../processes/stop-signals.ts";
import { createDemoPrinter, wantsColor } from "./demo-printer.ts";
import { runDemo } from "./demo.ts";

/**
 * Plays the demo for whoever started this process, with this program as its server, until it ends or is told to stop.
 * @returns the exit code
 */
export function demoProgram(): Promise<number> {
  const { stdin, stdout, env, execPath, execArgv, argv } = process;
  const [, entry = ""] = argv;
  const stop = new AbortController();
  const askToStop = onStopSignals({
    hasTerminal: [stdin, stdout].some(({ isTTY }) => isTTY),
    onStop: (reason) => stop.abort(reason),
    onForce: () => process.exit(1),
  });
  watchLaunchers({ onGone: () => askToStop("the package manager that started it has gone") });
  return runDemo({
    command: [execPath, ...execArgv, entry],
    environment: env,
    printer: createDemoPrinter({
      write: (text) => void stdout.write(text),
      isColored: wantsColor(stdout, env),
    }),
    signal: stop.signal,
  });
}
