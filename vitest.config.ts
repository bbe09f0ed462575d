import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: ["packages/*", "apps/*", "examples/*", "test", "torture"],
    pool: "forks",
    maxWorkers: 2,
    globalSetup: ["./test/global-setup.ts"],
  },
});
