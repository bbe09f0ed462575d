import { describe, expect, test } from "vitest";
import { createDemoPrinter, wantsColor } from "./demo-printer.ts";

function printed(isColored: boolean): {
  readonly text: () => string;
  readonly printer: ReturnType<typeof createDemoPrinter>;
} {
  let text = "";
  return { text: () => text, printer: createDemoPrinter({ write: (more) => (text += more), isColored }) };
}

describe("demo printer", () => {
  test("numbers steps and aligns what belongs to them", () => {
    const { printer, text } = printed(false);
    printer.step(2, "Post a task");
    printer.fact("answer", "201");
    printer.proof("webhook-signature", "v1,x");
    expect(text()).toBe(
      ["", "  2  Post a task", "     answer             201", "     webhook-signature  v1,x", ""].join("\n"),
    );
  });

  test("shows an object as JSON with a line per field", () => {
    const { printer, text } = printed(false);
    const value = { prompt: 'say "hi"', dispatch_config: { url: "http://x/" } };
    printer.json(value);
    expect(JSON.parse(text())).toEqual(value);
    expect(text().trimEnd().split("\n")).toHaveLength(2);
  });

  test("has colours only when it was told to", () => {
    const plain = printed(false);
    const colored = printed(true);
    for (const { printer } of [plain, colored]) {
      printer.headline("Demo");
      printer.note("waiting");
      printer.failure("failed");
      printer.proof("signature", "fits");
    }
    expect(plain.text()).not.toContain("\u001b");
    expect(colored.text()).toContain("\u001b[32mfits\u001b[39m");
  });

  test.each([
    ["a terminal", { isTTY: true }, {}, true],
    ["a terminal with an empty NO_COLOR", { isTTY: true }, { NO_COLOR: "" }, true],
    ["a terminal with NO_COLOR", { isTTY: true }, { NO_COLOR: "1" }, false],
    ["a dumb terminal", { isTTY: true }, { TERM: "dumb" }, false],
    ["a pipe", {}, { FORCE_COLOR: "1" }, false],
  ])("knows whether %s wants colours", (_title, stream, environment, expected) => {
    expect(wantsColor(stream, environment)).toBe(expected);
  });
});
