import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: ["packages/*", "apps/*", "test"],
    pool: "forks",
    maxWorkers: 2,
    globalSetup: ["./test/global-setup.ts"],
  },
});
