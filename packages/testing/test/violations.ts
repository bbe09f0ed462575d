import type { DispatcherSubject } from "../src/index.ts";
import { ContractViolation, dispatcherContract } from "../src/index.ts";

/** Plays all checks of the contract, and gives what they found. Anything else that is thrown is thrown on. */
export async function violationsOf(subject: DispatcherSubject): Promise<ContractViolation[]> {
  const found: ContractViolation[] = [];
  for (const { run } of dispatcherContract(subject)) {
    await run().catch((error: unknown) => {
      if (!(error instanceof ContractViolation)) throw error;
      found.push(error);
    });
  }
  return found;
}
