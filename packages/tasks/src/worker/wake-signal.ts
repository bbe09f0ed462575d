import type { Clock } from "@core/registry";

/** Lets a loop sleep until somebody calls or the time is up. A call while nobody sleeps is kept. */
export interface WakeSignal {
  wake(): void;
  sleep(maxMs: number): Promise<void>;
}

export function createWakeSignal(clock: Clock): WakeSignal {
  let called = false;
  let sleeper: (() => void) | null = null;

  return {
    wake() {
      called = true;
      sleeper?.();
    },
    async sleep(maxMs) {
      if (!called) {
        await new Promise<void>((resolve) => {
          const cancel = clock.after(maxMs, () => sleeper?.());
          sleeper = () => {
            cancel();
            sleeper = null;
            resolve();
          };
        });
      }
      called = false;
    },
  };
}
