/** One promise of a contract, checked by itself; fits any test runner. */
export interface ContractCheck {
  /** A plain sentence. */
  readonly name: string;
  /** Rejects with a `ContractViolation` when the promise is not kept. */
  run(): Promise<void>;
}

export interface Finding {
  readonly expected: string;
  readonly seen: string;
  /** What the author should do. */
  readonly advice: string;
}

/** A promise of the contract that is not kept. */
export class ContractViolation extends Error {
  /** The name of the check. */
  readonly check: string;
  readonly finding: Finding;

  constructor(check: string, finding: Finding) {
    const { expected, seen, advice } = finding;
    super(`${check}\nExpected: ${expected}\nSeen: ${seen}\nTo do: ${advice}`);
    this.name = "ContractViolation";
    this.check = check;
    this.finding = finding;
  }
}
