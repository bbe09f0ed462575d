import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readBots } from "./bots-file.ts";
import { StartError } from "./start-error.ts";

describe("the file of bots", () => {
  let file = "";

  beforeAll(async () => {
    file = join(await mkdtemp(join(tmpdir(), "bots-file-")), "bots.json");
  });
  afterAll(() => rm(join(file, ".."), { recursive: true }));

  const readFrom = async (bots: unknown): ReturnType<typeof readBots> => {
    await writeFile(file, JSON.stringify(bots));
    return readBots(file);
  };

  test("gives each bot by its id", async () => {
    const ada = {
      name: "ada",
      display_name: "Ada",
      avatar_url: "https://example.org/ada.png",
      integration_config: { chat: { emoji: ":robot_face:", nested: { any: [1, null] } } },
    };
    const bots = await readFrom([
      { id: "b1", ...ada },
      { id: "b2", name: "bob" },
    ]);
    expect([...bots]).toEqual([
      ["b1", ada],
      ["b2", { name: "bob" }],
    ]);
  });

  test("may be empty", async () => {
    expect((await readFrom([])).size).toBe(0);
  });

  test("with mistakes is refused with the place of each and the fix", async () => {
    const wrong = readFrom([
      { id: "b1", name: "ada" },
      { id: "b1", name: "ada", avatar_url: "javascript:alert(1)" },
      { id: "b2", display_name: "", colour: "red" },
      { id: "b3", name: "cy", integration_config: { chat: "x" } },
    ]);
    await expect(wrong).rejects.toThrow(StartError);
    await expect(wrong).rejects.toThrow(
      [
        `BOTS_FILE: ${file} is not valid:`,
        "  [1].avatar_url: use an http or https URL.",
        "  [2].name: is missing. Give a string.",
        "  [2].display_name: use at least 1 character.",
        "  [2].colour: is not known. Remove it, or correct its spelling.",
        "  [3].integration_config.chat: use an object, not a string.",
      ].join("\n"),
    );
  });

  test("with one id for two bots is refused", async () => {
    const bots = [
      { id: "b1", name: "ada" },
      { id: "b2", name: "bob" },
      { id: "b1", name: "cy" },
    ];
    await expect(readFrom(bots)).rejects.toThrow("  [2].id: is the id of [0] too. Use another one.");
  });

  test("that is not there is refused by the variable", async () => {
    await expect(readBots("/nowhere/bots.json")).rejects.toThrow(
      /^BOTS_FILE: \/nowhere\/bots.json cannot be read/,
    );
  });
});
