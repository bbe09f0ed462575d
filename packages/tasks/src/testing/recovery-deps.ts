import { taskTypeSettings } from "../task/task-type.ts";
import type { RecoveryDeps } from "../worker/recovery.ts";
import type { TasksFixture } from "./tasks-fixture.ts";

/** What taking over from dead workers needs, where nothing follows ends and nobody listens. */
export function recoveryDeps({
  store,
  dispatchers,
}: Pick<TasksFixture, "store" | "dispatchers">): RecoveryDeps {
  return {
    store,
    dispatchers,
    settingsOf: taskTypeSettings,
    tasksOfEnds: { withFollowUps: null },
    random: () => 0,
    onSettled: () => undefined,
  };
}
