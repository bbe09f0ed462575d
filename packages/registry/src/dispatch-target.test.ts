import { describe, expect, test } from "vitest";
import { z } from "zod";
import { parseTarget, readStoredTarget } from "./dispatch-target.ts";
import type { StandardSchema } from "./standard-schema.ts";
import { fieldIssue, fieldIssues } from "./standard-schema.ts";

const withChannel = { target: z.strictObject({ channel: z.string(), reply: z.boolean().default(true) }) };

describe("writing a target", () => {
  test("what the schema makes of it is what is stored", async () => {
    expect(await parseTarget(withChannel, { channel: "C1" })).toEqual({
      ok: true,
      target: { channel: "C1", reply: true },
    });
  });

  test("a wrong target is refused with the field's path and the schema's message", async () => {
    const dispatcher = { target: z.strictObject({ to: z.array(z.strictObject({ name: z.string() })) }) };
    const result = await parseTarget(dispatcher, { to: [{ name: "a" }, { name: 1 }] });
    expect(result).toEqual({
      ok: false,
      issues: [{ field: "to.1.name", message: expect.stringContaining("expected string") }],
    });
  });

  test("every misspelt field is refused under its own path by a strict schema", async () => {
    const message = "Unknown field. Remove it, or correct its spelling.";
    const dispatcher = { target: z.strictObject({ to: z.strictObject({ channel: z.string() }) }) };
    const result = await parseTarget(dispatcher, { to: { channel: "C1", thred: "1" }, replly: false, x: 1 });
    expect(result).toEqual({
      ok: false,
      issues: [
        { field: "to.thred", message },
        { field: "replly", message },
        { field: "x", message },
      ],
    });
  });

  test("a secret is refused before the schema sees it, even if the schema would allow it", async () => {
    const seen: unknown[] = [];
    const result = await parseTarget({ target: recording(seen) }, { token: "hush" });
    expect(result).toMatchObject({ ok: false, issues: [{ field: "token" }] });
    expect(seen).toEqual([]);
  });

  test("an asynchronous schema is waited for", async () => {
    const target = z
      .strictObject({ channel: z.string() })
      .refine(({ channel }) => Promise.resolve(channel === "C1"));
    expect(await parseTarget({ target }, { channel: "C1" })).toMatchObject({ ok: true });
    expect(await parseTarget({ target }, { channel: "C2" })).toMatchObject({ ok: false });
  });

  test("a missing target reaches the schema as an empty one", async () => {
    const seen: unknown[] = [];
    await parseTarget({ target: recording(seen) }, null);
    await parseTarget({ target: recording(seen) }, undefined);
    expect(seen).toEqual([{}, {}]);
  });
});

describe("a dispatcher without a schema", () => {
  test.each([undefined, null, {}])("takes %j as the empty target", async (value) => {
    expect(await parseTarget({}, value)).toEqual({ ok: true, target: {} });
  });

  test("refuses every field, naming it and what to do", async () => {
    expect(await parseTarget({}, { url: "https://example.com", x: 1 })).toEqual({
      ok: false,
      issues: [
        { field: "url", message: 'This dispatch type takes no target. Remove "url".' },
        { field: "x", message: 'This dispatch type takes no target. Remove "x".' },
      ],
    });
  });

  test.each(["text", 7, false, [], ["x"]])("refuses %j", async (value) => {
    expect(await parseTarget({}, value)).toEqual({
      ok: false,
      issues: [{ field: "", message: "This dispatch type takes no target. Leave it out." }],
    });
  });
});

describe("reading a stored target", () => {
  test("it is trusted as it is, without the schema for writing", async () => {
    const stored = { old: "shape" };
    expect(await readStoredTarget(withChannel, stored)).toEqual({ ok: true, target: stored });
  });

  test("a dispatcher may widen old shapes", async () => {
    const storedTarget = z
      .object({ channel_id: z.string() })
      .transform(({ channel_id }) => ({ channel: channel_id, reply: true }));
    const dispatcher = { ...withChannel, storedTarget };
    expect(await readStoredTarget(dispatcher, { channel_id: "C1" })).toEqual({
      ok: true,
      target: { channel: "C1", reply: true },
    });
    const strict = { storedTarget: z.strictObject({}) };
    expect(await readStoredTarget(strict, { old: 1 })).toMatchObject({ issues: [{ field: "old" }] });
    expect(await readStoredTarget(dispatcher, {})).toMatchObject({
      ok: false,
      issues: [{ field: "channel_id" }],
    });
  });
});

test("an issue's path is written with dots, whichever way the schema states its steps", () => {
  expect(fieldIssue({ message: "m", path: ["a", { key: "b" }, 0] })).toEqual({
    field: "a.b.0",
    message: "m",
  });
  expect(fieldIssue({ message: "m" })).toEqual({ field: "", message: "m" });
});

test.each([[[]], ["name"], [[7]], [undefined]])("an issue whose keys are %j stays as it is", (keys) => {
  const issue = { message: "m", path: ["a"], keys };
  expect(fieldIssues([issue])).toEqual([{ field: "a", message: "m" }]);
});

function recording(seen: unknown[]): StandardSchema<unknown, unknown> {
  return {
    "~standard": {
      version: 1,
      vendor: "test",
      validate(value) {
        seen.push(value);
        return { value };
      },
    },
  };
}
