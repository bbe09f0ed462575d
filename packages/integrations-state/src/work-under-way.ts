/** Calls that have begun and not ended. */
export interface WorkUnderWay {
  /** The same function, whose calls count. */
  tracked<Args extends readonly unknown[], Result>(
    call: (...args: Args) => Promise<Result>,
  ): (...args: Args) => Promise<Result>;
  /** Resolves when none is left, whatever became of them. */
  settled(): Promise<void>;
}

export function createWorkUnderWay(): WorkUnderWay {
  const calls = new Set<Promise<unknown>>();
  return {
    tracked:
      (call) =>
      (...args) => {
        const running = call(...args);
        const ended = running.catch(() => undefined).finally(() => calls.delete(ended));
        calls.add(ended);
        return running;
      },
    async settled() {
      while (calls.size > 0) await Promise.all(calls);
    },
  };
}
