import { EventEmitter } from "node:events";
import { describe, expect, test } from "vitest";
import { onStopSignals } from "./stop-signals.ts";

describe("stop signals", () => {
  test("the first asks to stop, its echo is ignored, a later one forces", () => {
    const { send, told } = listening({ hasTerminal: true });
    send("SIGINT", 0);
    send("SIGINT", 100);
    send("SIGTERM", 2_000);
    expect(told).toEqual(["drain SIGINT", "force SIGTERM"]);
  });

  test("another reason asks to stop without draining, and never forces", () => {
    const { send, ask, told } = listening({ hasTerminal: true });
    send("SIGTERM", 0);
    ask("gone", 2_000);
    const second = listening({ hasTerminal: true });
    second.ask("gone", 0);
    second.send("SIGTERM", 2_000);
    expect([told, second.told]).toEqual([["drain SIGTERM"], ["stop gone", "force SIGTERM"]]);
  });

  test("a closing terminal asks to stop, and without a terminal it is not meant for the server", () => {
    const attached = listening({ hasTerminal: true });
    const detached = listening({ hasTerminal: false });
    attached.send("SIGHUP", 0);
    detached.send("SIGHUP", 0);
    expect([attached.told, detached.told]).toEqual([["drain SIGHUP"], []]);
  });
});

interface Listening {
  readonly send: (signal: string, at: number) => void;
  readonly ask: (reason: string, at: number) => void;
  readonly told: readonly string[];
}

function listening({ hasTerminal }: { hasTerminal: boolean }): Listening {
  const source = new EventEmitter();
  const told: string[] = [];
  let now = 0;
  const ask = onStopSignals({
    source,
    hasTerminal,
    onStop: (reason, mayDrain) => told.push(`${mayDrain ? "drain" : "stop"} ${reason}`),
    onForce: (signal) => told.push(`force ${signal}`),
    now: () => now,
  });
  const at = (time: number, act: () => void): void => {
    now = time;
    act();
  };
  return {
    told,
    send: (signal, time) => at(time, () => void source.emit(signal, signal)),
    ask: (reason, time) => at(time, () => ask(reason)),
  };
}
