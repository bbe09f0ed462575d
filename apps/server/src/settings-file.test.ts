import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { readSettingsFile } from "./settings-file.ts";
import { StartError } from "./start-error.ts";

const schema = z.strictObject({
  items: z.array(z.strictObject({ name: z.string().min(1), any: z.json().exactOptional() })).min(1),
});

describe("a file of settings", () => {
  let folder = "";

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "settings-file-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const read = (file: string): ReturnType<typeof readSettingsFile> =>
    readSettingsFile({ variable: "SOME_FILE", file, schema, maxBytes: 10_000 });
  const written = async (content: string | Uint8Array): Promise<string> => {
    const file = join(folder, "settings.json");
    await writeFile(file, content);
    return file;
  };

  test("is read, with a byte order mark too", async () => {
    const file = await written('\uFEFF{"items":[{"name":"a","any":[null]}]}');
    expect(await read(file)).toEqual({ items: [{ name: "a", any: [null] }] });
  });

  test("that is wrong in many places is told each of them with the fix", async () => {
    const items = [{ name: 1 }, {}, { name: "" }, { name: "a", nmae: 1, any: 0 }, "a"];
    const file = await written(JSON.stringify({ items }).replace('"any":0', '"any":[1e999]'));
    expect(await messageOf(read(file))).toBe(
      [
        `SOME_FILE: ${file} is not valid:`,
        "  items[0].name: use a string, not 1.",
        "  items[1].name: is missing. Give a string.",
        "  items[2].name: use at least 1 character.",
        "  items[3].any: use a JSON value whose numbers are at most 1.8e308.",
        "  items[3].nmae: is not known. Remove it, or correct its spelling.",
        "  items[4]: use an object, not a string.",
      ].join("\n"),
    );
  });

  test("with endless mistakes is told the first ones", async () => {
    const file = await written(JSON.stringify({ items: Array.from({ length: 50 }, () => ({})) }));
    const lines = (await messageOf(read(file))).split("\n");
    expect(lines).toHaveLength(22);
    expect(lines.at(-1)).toBe("  and 30 more");
  });

  test.each([
    ["no JSON", "{", "is not JSON: it ends too early, at position 1."],
    ["empty", "", "is not JSON: it is empty."],
    ["another kind of JSON", "[]", "the whole file: use an object, not an array."],
    ["not text", Uint8Array.of(0xff, 0xfe), "is not text in UTF-8."],
    ["huge", "x".repeat(10_001), "has more than 10000 bytes."],
    [
      "endlessly deep",
      `{"items":[{"name":"a","any":${"[".repeat(4_900)}${"]".repeat(4_900)}}]}`,
      "nested too deeply",
    ],
  ])("that is %s is refused", async (_title, content, why) => {
    expect(await messageOf(read(await written(content)))).toContain(why);
  });

  test.each([
    ["that is not there", () => join(folder, "none"), "cannot be read (ENOENT)"],
    ["that is a folder", () => folder, "is not a file"],
    ["below a file", () => join(folder, "settings.json", "x"), "cannot be read (ENOTDIR)"],
    ["with an impossible name", () => "a\0b", "cannot be read (ERR_INVALID_ARG_VALUE)"],
  ])("%s is refused by the variable", async (_title, file, why) => {
    await written("{}");
    expect(await messageOf(read(file()))).toMatch(/^SOME_FILE: /);
    expect(await messageOf(read(file()))).toContain(why);
  });

  test.skipIf(process.platform === "win32")("that is a pipe is not waited for", async () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    expect(await messageOf(read(pipe))).toContain("is not a file");
  });
});

async function messageOf(reading: Promise<unknown>): Promise<string> {
  const error: unknown = await reading.catch((thrown: unknown) => thrown);
  if (error instanceof StartError) return error.message;
  throw new Error("It was not refused as a start is.", { cause: error });
}
