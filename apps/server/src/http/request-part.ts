import type { ProblemCode } from "./problem.ts";

/** How a route speaks of a part of a request that it does not take. */
export interface RefusalWords {
  readonly code: ProblemCode;
  /** What was not done, as a sentence. */
  readonly what: string;
}

interface RequestPart extends RefusalWords {
  /** What refuses it, for hints. */
  readonly schema: unknown;
}

/** The parts of a request that a schema reads. */
export type RequestParts = Readonly<Record<"body" | "query" | "path", RequestPart>>;
