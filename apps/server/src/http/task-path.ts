import { z } from "@hono/zod-openapi";
import type { Refusal } from "./described-route.ts";

/** The parameters of a path that names a task. */
export const taskPath: z.ZodObject<{ id: z.ZodUUID }> = z.object({
  id: z.uuid({ error: "A task's id is a UUID, as POST /api/v1/tasks answers it." }),
});

export const taskPathRefusal: Refusal = {
  path: { code: "TASK_ID_INVALID", what: "The path cannot be read." },
};
