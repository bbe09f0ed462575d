import { describe, expect, test } from "vitest";
import { readCommandLine } from "./command-line.ts";
import { environmentVariables } from "./environment-schema.ts";

describe("command line", () => {
  test.each([[[]], [["--"]]])("%j starts the server", (args) => {
    expect(readCommandLine(args, "1.2.3")).toEqual({ action: "start" });
  });

  test.each([[["--version"]], [["--", "-v"]]])("%j prints the version", (args) => {
    expect(readCommandLine(args, "1.2.3")).toEqual({ action: "print", text: "1.2.3" });
  });

  test.each([[["demo"]], [["--", "demo"]]])("%j plays the demo", (args) => {
    expect(readCommandLine(args, "1.2.3")).toEqual({ action: "demo" });
  });

  test.each([[["--help"]], [["-h"]], [["demo", "--help"]]])("%j prints the help, with the demo", (args) => {
    expect(readCommandLine(args, "1.2.3")).toEqual({
      action: "print",
      text: expect.stringMatching(/^Usage: server \[demo\][\s\S]*\n {2}server demo {2}/),
    });
  });

  test("the help names every variable", () => {
    const help = readCommandLine(["--help"], "1.2.3");
    expect(help.action).toBe("print");
    for (const variable of environmentVariables) expect(JSON.stringify(help)).toContain(`  ${variable} `);
  });

  test("the argument that is not known is named, not its value", () => {
    expect(readCommandLine(["--prot", "1"], "1.2.3")).toMatchObject({
      text: expect.stringMatching(/^There is no argument "--prot"\./),
    });
  });

  test.each([
    [["--port"]],
    [["start"]],
    [["--help", "me"]],
    [["--", "--"]],
    [["demo", "fast"]],
    [["demo", "demo"]],
    [["--help", "demo"]],
  ])("%j is refused with the help", (args) => {
    expect(readCommandLine(args, "1.2.3")).toMatchObject({
      action: "refuse",
      text: expect.stringContaining("Usage:"),
    });
  });
});
