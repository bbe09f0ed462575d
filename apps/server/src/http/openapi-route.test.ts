import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createTestApp } from "../testing/test-app.ts";
import { environmentVariables } from "../environment-schema.ts";
import { problemStatuses } from "./problem.ts";

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly security?: unknown; readonly responses: object }>>>
  >;
  readonly components: {
    readonly schemas: Readonly<Record<string, { readonly properties: object; readonly required: string[] }>>;
  };
}

async function readDocument(): Promise<Document> {
  return (await (await createTestApp().app.request("/openapi.json")).json()) as Document;
}

describe("the OpenAPI document", () => {
  test("has every route and nothing else", async () => {
    const { openapi, paths } = await readDocument();
    const routes = createTestApp()
      .app.routes.filter(({ method }) => method !== "ALL")
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
    const documented = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(openapi).toBe("3.1.0");
    expect(documented.toSorted()).toEqual([...new Set(routes)].toSorted());
  });

  test("every path below /api needs the key and says so", async () => {
    const { paths } = await readDocument();
    for (const [path, methods] of Object.entries(paths)) {
      for (const { security, responses } of Object.values(methods)) {
        expect(security !== undefined, path).toBe(path.startsWith("/api/"));
        expect("401" in responses, path).toBe(path.startsWith("/api/"));
      }
    }
  });

  test("a new task needs a prompt and nothing else", async () => {
    const { components } = await readDocument();
    expect(components.schemas["NewTask"]?.required).toEqual(["prompt"]);
    expect(components.schemas["NewTask"]?.properties).toHaveProperty("scheduled_at");
  });
});

describe("problem codes", () => {
  test("every code that is written in this folder is in the list, and each of the list is used", () => {
    const sources = readdirSync(import.meta.dirname)
      .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts") && name !== "problem.ts")
      .map((name) => readFileSync(`${import.meta.dirname}/${name}`, "utf8"));
    const written = sources.flatMap((source) => source.match(/(?<=")[A-Z]+(?:_[A-Z]+)+(?=")/g) ?? []);
    const own = written.filter((code) => !foreign.has(code));
    expect([...new Set(own)].toSorted()).toEqual(Object.keys(problemStatuses).toSorted());
  });
});

/** Codes of other packages that are translated here. */
const foreign = new Set(["DATABASE_UNREACHABLE", "DATABASE_BUSY", "DATABASE_CLOSED"]);

describe("the README", () => {
  test("names every variable and every route", async () => {
    const readme = readFileSync(`${import.meta.dirname}/../../README.md`, "utf8");
    for (const variable of environmentVariables) expect(readme).toContain(`\`${variable}\``);
    for (const path of Object.keys((await readDocument()).paths)) expect(readme).toContain(path);
  });
});
