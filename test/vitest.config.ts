import { defineProject } from "vitest/config";

const config: ReturnType<typeof defineProject> = defineProject({
  test: { name: "test", include: ["*.test.ts"] },
});

export default config;
