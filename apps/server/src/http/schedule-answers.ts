import { ProblemError } from "./problem.ts";

/** What there is of a schedule. @throws ProblemError SCHEDULE_NOT_FOUND for null */
export function found<Found>(what: Found | null, id: string): Found {
  if (what !== null) return what;
  const detail = `There is no schedule ${id}. GET /api/v1/schedules lists them.`;
  throw new ProblemError("SCHEDULE_NOT_FOUND", detail);
}
