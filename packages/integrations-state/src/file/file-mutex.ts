/** Lets one holder at a time write the state, among all processes that share its folder. */
export interface FileMutex {
  /**
   * Tries once, without waiting: null while somebody else is the holder. A holder that dies, however it dies, must be
   * none from then on; one that only sleeps must stay the holder.
   */
  tryAcquire(path: string): Promise<HeldMutex | null>;
}

export interface HeldMutex {
  release(): Promise<void>;
}
