import { defineConfig } from "tsup";

/** The one build configuration: ES modules with bundled declarations, one file per public entry. */
export function libraryConfig(entry: Record<string, string>): ReturnType<typeof defineConfig> {
  return defineConfig({
    entry,
    format: ["esm"],
    target: "node22",
    platform: "node",
    dts: true,
    sourcemap: true,
    clean: true,
    treeshake: true,
  });
}
