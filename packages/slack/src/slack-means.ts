import { systemClock } from "@core/registry";
import type { Clock, FilePort, StoragePort } from "@core/registry";
import { createCallBudget } from "./call-budget.ts";
import type { SlackAccessOptions } from "./slack-access.ts";
import type { UploadJournal } from "./upload-journal.ts";
import { createUploadJournal } from "./upload-journal.ts";

export interface SlackMeansOptions extends Omit<SlackAccessOptions, "budget"> {
  readonly files: FilePort;
  readonly storage: StoragePort;
  readonly clock?: Clock;
  /** Larger files are only told of. Default: what Slack takes. */
  readonly maxFileBytes?: number | undefined;
}

/** What one configured integration shares among all that goes to Slack. */
export interface SlackMeans extends SlackAccessOptions, Pick<SlackMeansOptions, "maxFileBytes"> {
  readonly files: FilePort;
  readonly clock: Clock;
  readonly journal: UploadJournal;
  /** True the first time that this is asked of a topic, such as a scope that a workspace's token lacks. */
  isNew(topic: string): boolean;
}

export function createSlackMeans({ storage, clock = systemClock, ...rest }: SlackMeansOptions): SlackMeans {
  const known = new Set<string>();
  return {
    ...rest,
    clock,
    budget: createCallBudget(clock),
    journal: createUploadJournal(storage),
    isNew: (topic) => known.size !== known.add(topic).size,
  };
}
