import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const source = join(import.meta.dirname, "..", "..");

test("nothing but the entry of its own imports OpenTelemetry, which is optional", () => {
  const files = readdirSync(source, { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
  const importers = files.filter((file) =>
    /from "(@opentelemetry\/|[^"]*opentelemetry\/)/.test(readFileSync(join(source, file), "utf8")),
  );
  const outside = importers.filter((file) => !file.startsWith("diagnostics/opentelemetry/"));
  expect(importers).toHaveLength(4);
  expect(outside).toEqual(["opentelemetry.ts"]);
});
