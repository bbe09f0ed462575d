import { unavailableHost } from "@core/host";
import type { HostPort } from "@core/registry";
import type { Tasks } from "@core/tasks";

/** What integrations may ask of this server: to cancel a task. It refuses everything else, and says so. */
export function createServerHost(tasks: Pick<Tasks, "cancel">): HostPort {
  return {
    ...unavailableHost(),
    async cancelTask(taskId) {
      const answer = await tasks.cancel(taskId);
      return answer === "cancelled" || answer === "cancelling";
    },
  };
}
