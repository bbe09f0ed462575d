import { defineProject } from "vitest/config";

const conditions = ["@core/source", "module", "node", "development|production"];
const externalConditions = ["@core/source", "node"];

/** What every package's tests share: workspace packages resolve to their sources, so nothing needs a build. */
export function projectConfig(name: string): ReturnType<typeof defineProject> {
  return defineProject({
    ssr: { resolve: { conditions, externalConditions } },
    test: {
      name,
      // A process per file costs more than most files. Nothing here keeps state in modules, so nothing needs one.
      isolate: false,
      include: ["src/**/*.test.ts"],
      testTimeout: 30_000,
      hookTimeout: 60_000,
      typecheck: { enabled: false },
    },
  });
}
