import type { RedriveFilter } from "@core/tasks";
import { failureCodes } from "@core/tasks";
import type { Command } from "./command.ts";
import { defineCommand, jsonOption } from "./command.ts";
import { finishBulk } from "./finish-bulk.ts";
import { readMoment } from "./moments.ts";
import { given, readChoice, readCount } from "./option-values.ts";
import { createProgress } from "./progress.ts";
import { taskFilterOptions, withTaskAdmin } from "./task-options.ts";

const options = {
  ...taskFilterOptions,
  status: { type: "string", value: "<status>", summary: "failed, which is the default, or cancelled" },
  since: { type: "string", value: "<moment>", summary: "ended after a date, or how long ago, such as 2h" },
  until: { type: "string", value: "<moment>", summary: "ended before it" },
  limit: { type: "string", value: "<count>", summary: "how many at most, the oldest first" },
  ...jsonOption,
} as const;

type Values = { readonly [Name in Exclude<keyof typeof options, "json">]?: string };

export const tasksRedrive: Command = defineCommand({
  name: "tasks redrive",
  summary: "lets all tasks that failed and fit run again",
  operand: null,
  options,
  async run({ values }, context) {
    const filter = filterOf(values);
    const limit = values.limit === undefined ? undefined : readCount("--limit", values.limit);
    return withTaskAdmin(context, async (admin) => {
      const progress = createProgress("Retried", context.terminal);
      const signal = context.interruption();
      const retried = await admin
        .redrive(filter, {
          signal,
          onProgress: (done) => progress.report(done, limit),
          ...given({ limit }),
        })
        .finally(() => progress.end());
      return finishBulk({ name: "retried", count: retried, isJson: values.json === true, signal }, context);
    });
  },
});

function filterOf({ type, queue, status, since, until, "failure-code": code }: Values): RedriveFilter {
  const now = Date.now();
  return given({
    type,
    queue,
    failure_code: code === undefined ? undefined : readChoice("--failure-code", code, failureCodes),
    state:
      status === undefined ? undefined : readChoice("--status", status, ["failed", "cancelled"] as const),
    since: since === undefined ? undefined : readMoment("--since", since, now),
    until: until === undefined ? undefined : readMoment("--until", until, now),
  });
}
