import { describe, expect, test } from "vitest";
import { databaseNote, startupNotes } from "./startup-notes.ts";

const facts = {
  url: "http://127.0.0.1:3000",
  database: "PGlite in ./data/pglite",
  agent: { type: "echo" },
  version: "1.0.0",
} as const;

describe("startup notes", () => {
  test("a key that was just made is shown, with a line that uses it", () => {
    const notes = startupNotes({
      ...facts,
      apiKey: { value: "ai_x", source: "generated", file: "/d/api-key" },
    });
    expect(notes).toContain("API key   ai_x  (shown only now; kept in /d/api-key)");
    expect(notes).toContain('curl http://127.0.0.1:3000/api/v1/tasks -H "Authorization: Bearer ai_x"');
  });

  test("a key that is kept is named by its place only", () => {
    const notes = startupNotes({ ...facts, apiKey: { value: "ai_x", source: "file", file: "/d/api-key" } });
    expect(notes).not.toContain("ai_x");
    expect(notes).toContain("Bearer $(cat '/d/api-key')");
  });

  test("a key of the environment is not shown", () => {
    const notes = startupNotes({ ...facts, apiKey: { value: "ai_x", source: "environment", file: null } });
    expect(notes).not.toContain("ai_x");
    expect(notes).toContain("Bearer $API_KEY");
  });

  test("the database is named without user and password", () => {
    expect(databaseNote("postgres://app:pass@db.example/app?sslmode=require", "/d")).toBe(
      "PostgreSQL at db.example:5432/app",
    );
  });
});
