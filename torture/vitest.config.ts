import { defineProject } from "vitest/config";

/** As for the packages, so that these too resolve to their sources. */
const config: ReturnType<typeof defineProject> = defineProject({
  ssr: {
    resolve: {
      conditions: ["@core/source", "module", "node", "development|production"],
      externalConditions: ["@core/source", "node"],
    },
  },
  test: { name: "torture", include: ["**/*.test.ts"], testTimeout: 120_000, hookTimeout: 60_000 },
});

export default config;
