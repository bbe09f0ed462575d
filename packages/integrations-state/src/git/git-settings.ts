import { z } from "zod";
import { invalidInput } from "../errors.ts";
import { INTEGRATION_EVENTS } from "../events/event-names.ts";
import type { GitAutoCommitConfig } from "../state/integration-state.ts";
import type { GitAutoCommitChange } from "./git-auto-commit.ts";

/**
 * Reads a change of the settings; each event counts once. No events at all are refused, since `enabled: false` says so.
 * @throws INTEGRATIONS_INPUT_INVALID naming every wrong field
 */
export function readSettingsChange(change: GitAutoCommitChange): Partial<GitAutoCommitConfig> {
  const read = changeSchema.safeParse(change);
  if (read.success) return read.data;
  const issues = read.error.issues.map(({ path, message }) => ({ field: path.join("."), message }));
  throw invalidInput("The settings of git auto-commit were not changed.", issues);
}

const names = INTEGRATION_EVENTS.join(", ");

const changeSchema = z.strictObject(
  {
    enabled: z.boolean("Give true or false, or leave it out.").exactOptional(),
    on_events: z
      .array(
        z.enum(INTEGRATION_EVENTS, `There is no such event. The events are ${names}.`),
        "Give a list of events.",
      )
      .min(1, `Give at least one of ${names}; to commit on none, set enabled to false.`)
      .transform((events) => [...new Set(events)])
      .exactOptional(),
  },
  {
    error: (issue) =>
      issue.code === "unrecognized_keys" ? "The fields are enabled and on_events." : "Give an object.",
  },
);
