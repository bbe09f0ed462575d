import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readScript } from "./script-file.ts";

describe("the file of a script", () => {
  let file = "";

  beforeAll(async () => {
    file = join(await mkdtemp(join(tmpdir(), "script-file-")), "script.json");
  });
  afterAll(() => rm(join(file, ".."), { recursive: true }));

  const readFrom = async (script: unknown): ReturnType<typeof readScript> => {
    await writeFile(file, JSON.stringify(script));
    return readScript(file);
  };

  test("may have every kind of step", async () => {
    const steps = [
      { text: "Hi {{prompt}}" },
      { delay_ms: 100 },
      { tool: "search", args: { q: "x" }, result: [1, { a: null }], duration_ms: 5 },
      { tool: "search", error: "down" },
      { file: { name: "a.txt", content_type: "text/markdown", text: "a" } },
      { file: { name: "b", base64: "AAEC" } },
      { file: { name: "c", bytes: 1_000_000 } },
      { action: { type: "open_url", url: "https://example.org" } },
      { error: "down", retryable: true, retry_after_ms: 100 },
      { error: "gone" },
    ];
    const script = { scenes: [{ prompt: "weather", attempt: 2, steps }, { steps: [] }] };
    expect(await readFrom(script)).toEqual(script);
  });

  const kinds = "use an object with exactly one of text, delay_ms, tool, file, action, error.";

  test.each<[unknown, string]>([
    [{}, kinds],
    ["Hi", kinds],
    [{ text: "a", delay_ms: 1 }, kinds],
    [{ tool: "a", text: "b" }, kinds],
    [{ tool: 1 }, ".tool: use a string, not 1."],
    [{ tool: "a", duration_ms: -1 }, ".duration_ms: use at least 0."],
    [{ tool: "a", arguments: {} }, ".arguments: is not known."],
    [{ text: null }, ".text: use a string, not null."],
    [{ delay_ms: 0.5 }, ".delay_ms: use a whole number, not 0.5."],
    [{ delay_ms: 1e12 }, ".delay_ms: use at most 86400000."],
    [{ file: { name: "a" } }, ".file: use exactly one of text, base64, bytes."],
    [{ file: { name: "a", text: "", bytes: 1 } }, ".file: use exactly one of text, base64, bytes."],
    [{ file: { text: "a" } }, ".file.name: is missing. Give a string."],
    [{ file: { name: "a", base64: "?" } }, ".file.base64: use base64."],
    [{ action: { url: "x" } }, ".action.type: is missing. Give a string."],
    [{ error: "a", retryable: "yes" }, ".retryable: use a boolean, not a string."],
    [{ error: "a", retry_after_ms: 1 }, '.retry_after_ms: only has a meaning beside "retryable": true.'],
  ])("with the step %j is refused at its place", async (step, message) => {
    const script = { scenes: [{ steps: [] }, { steps: [step] }] };
    const place = message === kinds ? `  scenes[1].steps[0]: ${kinds}` : `  scenes[1].steps[0]${message}`;
    await expect(readFrom(script)).rejects.toThrow(`AGENT_SCRIPT: ${file} is not valid:\n${place}`);
  });

  test.each<[unknown, string]>([
    [{ scenes: [] }, "scenes: use at least 1 item."],
    [{}, "scenes: is missing. Give an array."],
    [{ scenes: [{ attempt: 0, steps: [] }] }, "scenes[0].attempt: use at least 1."],
    [{ scenes: [{ step: [] }] }, "scenes[0].step: is not known."],
  ])("that holds %j is refused at its place", async (script, message) => {
    await expect(readFrom(script)).rejects.toThrow(message);
  });
});
