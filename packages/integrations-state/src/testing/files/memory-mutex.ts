import type { FileMutex } from "../../file/file-mutex.ts";

/** A mutex within one process. */
export function createMemoryMutex(): FileMutex {
  const held = new Set<string>();
  return {
    async tryAcquire(path) {
      if (held.has(path)) return null;
      held.add(path);
      return { release: async () => void held.delete(path) };
    },
  };
}
