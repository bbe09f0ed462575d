import { describe, expect, test } from "vitest";
import { createTerminal } from "./terminal.ts";

function stream(isTTY: boolean): {
  isTTY: boolean;
  columns: number;
  text: string;
  write(text: string): void;
} {
  return {
    isTTY,
    columns: 80,
    text: "",
    write(text) {
      this.text += text;
    },
  };
}

describe("the terminal of a command", () => {
  test("keeps answers and notes apart", () => {
    const [stdout, stderr] = [stream(false), stream(false)];
    const terminal = createTerminal({ stdout, stderr }, {});
    terminal.print("answer");
    terminal.note("note");
    expect([stdout.text, stderr.text]).toEqual(["answer\n", "note\n"]);
  });

  test.each([
    [true, {}, "\u001B[1mx\u001B[22m"],
    [true, { NO_COLOR: "1" }, "x"],
    [false, {}, "x"],
  ])("with a terminal %s and %j shows bold as %j", (isTTY, environment, shown) => {
    const terminal = createTerminal({ stdout: stream(isTTY), stderr: stream(false) }, environment);
    expect(terminal.style("bold", "x")).toBe(shown);
    expect(terminal.width).toBe(isTTY ? 80 : null);
    expect(terminal.isLive).toBe(false);
  });
});
