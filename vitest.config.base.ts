import { defineProject } from "vitest/config";

const conditions = ["@core/source", "module", "node", "development|production"];
const externalConditions = ["@core/source", "node"];

/** What every package's tests share: workspace packages resolve to their sources, so nothing needs a build. */
export function projectConfig(name: string): ReturnType<typeof defineProject> {
  return defineProject({
    ssr: { resolve: { conditions, externalConditions } },
    test: {
      name,
      include: ["src/**/*.test.ts"],
      testTimeout: 30_000,
      hookTimeout: 60_000,
      typecheck: { enabled: false },
    },
  });
}
