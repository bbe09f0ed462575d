import { arrivalChecks } from "./arrival-checks.ts";
import type { ContractCheck } from "./contract-check.ts";
import type { DispatcherSubject } from "./dispatcher-subject.ts";
import { kindChecks } from "./kind-checks.ts";
import { lostAnswerChecks } from "./lost-answer-checks.ts";
import { partChecks } from "./part-checks.ts";
import { refusalChecks } from "./refusal-checks.ts";
import { contractCheck } from "./scene-check.ts";
import { secrecyChecks } from "./secrecy-checks.ts";
import { streamChecks } from "./stream-checks.ts";
import { targetChecks } from "./target-checks.ts";

/** What every dispatcher promises to the outbox, as checks for any test runner. They share nothing with each other. */
export function dispatcherContract(subject: DispatcherSubject): readonly ContractCheck[] {
  const { sends = true, longText } = subject;
  const checks = [
    ...targetChecks,
    ...kindChecks,
    ...(sends ? [...arrivalChecks, ...lostAnswerChecks, ...refusalChecks] : []),
    ...(sends && longText !== undefined ? partChecks : []),
    ...(sends ? streamChecks : []),
    ...secrecyChecks,
  ];
  return checks.map((check) => contractCheck(check, subject));
}
