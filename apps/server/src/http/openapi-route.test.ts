import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createTestApp } from "../testing/test-app.ts";
import { environmentVariables } from "../environment-schema.ts";
import { problemStatuses } from "./problem.ts";

interface Schema {
  readonly properties: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly required: readonly string[];
}

interface Operation {
  readonly operationId?: string;
  readonly security?: unknown;
  readonly responses: object;
}

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
  };
  readonly webhooks: Readonly<Record<string, { readonly post: { readonly requestBody: unknown } }>>;
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
    expect(components.schemas["NewTask"]?.properties).toMatchObject({
      prompt: { minLength: 1 },
      scheduled_at: { type: ["string", "null"] },
      type: { description: expect.stringContaining("Only agent") },
      strict: { description: expect.stringContaining("secrets in it are refused") },
    });
  });

  test("every operation has a name of its own", async () => {
    const { paths } = await readDocument();
    const names = Object.values(paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId ?? "none"),
    );
    expect(names).not.toContain("none");
    expect(new Set(names).size).toBe(names.length);
  });

  test("what is always there is required, also where it may be anything", async () => {
    const { Task: task, Delivery: delivery } = (await readDocument()).components.schemas;
    for (const schema of [task, delivery])
      expect(Object.keys(schema?.properties ?? {}).toSorted()).toEqual(schema?.required.toSorted());
    expect(task?.properties["result"]).toHaveProperty("anyOf");
    expect(delivery?.properties["park_reason"]?.["enum"]).toContain("unknown_type");
  });

  test("the bodies that webhooks get are described", async () => {
    const { webhooks } = await readDocument();
    const described = (name: string): string => JSON.stringify(webhooks[name]?.post.requestBody);
    expect(described("taskEnded")).toContain("schemas/WebhookBody");
    expect(described("integrationEvent")).toContain("schemas/IntegrationEvent");
  });
});

describe("problem codes", () => {
  test("every code that is written in this folder is in the list, and each of the list is used", () => {
    const sources = readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" })
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
