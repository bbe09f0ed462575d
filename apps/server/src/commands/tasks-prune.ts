import type { PruneOptions } from "../admin/task-admin.ts";
import type { Command } from "./command.ts";
import { defineCommand, jsonOption, UsageError } from "./command.ts";
import { finishBulk } from "./finish-bulk.ts";
import { readDuration } from "./moments.ts";
import { given, readChoices, readList } from "./option-values.ts";
import { createProgress } from "./progress.ts";
import { withTaskAdmin } from "./task-options.ts";

const endStates = ["complete", "failed", "cancelled"] as const;

const options = {
  "older-than": {
    type: "string",
    value: "<time>",
    summary: "ended at least so long ago, such as 30d; required",
  },
  status: {
    type: "string",
    value: "<list>",
    summary: `of these, separated by commas: ${endStates.join(", ")}`,
  },
  type: { type: "string", value: "<list>", summary: "of these types, separated by commas" },
  ...jsonOption,
} as const;

export const tasksPrune: Command = defineCommand({
  name: "tasks prune",
  summary: "removes tasks that ended long ago",
  operand: null,
  options,
  async run({ values }, context) {
    const which = pruneOptionsOf(values);
    return withTaskAdmin(context, async (admin) => {
      const progress = createProgress("Pruned", context.terminal);
      const signal = context.interruption();
      const pruned = await admin
        .prune({ ...which, signal, onProgress: (done) => progress.report(done) })
        .finally(() => progress.end());
      return finishBulk({ name: "pruned", count: pruned, isJson: values.json === true, signal }, context);
    });
  },
});

function pruneOptionsOf(values: {
  readonly [Name in Exclude<keyof typeof options, "json">]?: string;
}): PruneOptions {
  const { "older-than": olderThan, status, type } = values;
  if (olderThan === undefined) throw new UsageError("Say how old: --older-than 30d.");
  return {
    olderThanMs: readDuration("--older-than", olderThan),
    ...given({
      states: status === undefined ? undefined : readChoices("--status", status, endStates),
      types: type === undefined ? undefined : readList(type),
    }),
  };
}
