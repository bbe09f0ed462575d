import { z } from "@hono/zod-openapi";
import type { Refusal } from "./described-route.ts";

/** The parameters of a path that names a schedule. */
export const schedulePath: z.ZodObject<{ id: z.ZodUUID }> = z.object({
  id: z.uuid({ error: "A schedule's id is a UUID, as POST /api/v1/schedules answers it." }),
});

/** Of all routes of schedules. */
export const scheduleRefusal: Refusal = {
  body: { code: "SCHEDULE_INVALID", what: "Nothing was stored." },
  path: { code: "SCHEDULE_ID_INVALID", what: "The path cannot be read." },
};
