import { defineIntegration, delivered, type Integration } from "@core/registry";
import { z } from "zod";

export const hello: Integration = defineIntegration({
  type: "hello",
  apiVersion: 1,
  dispatcher: { target: z.strictObject({ name: z.string() }), idempotent: true },
  setup({ logger }) {
    return {
      async deliver({ id, target }) {
        logger.info({ id }, `Hello, ${target.name}!`);
        return delivered();
      },
      hooks: [
        { event: "after_tool_call", listener: ({ data }) => logger.info({}, `${data.tool_name} ran.`) },
      ],
    };
  },
});
