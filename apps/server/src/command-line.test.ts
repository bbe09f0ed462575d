import { describe, expect, test } from "vitest";
import { readCommandLine } from "./command-line.ts";
import type { CommandLine } from "./command-line.ts";
import { commands } from "./commands/commands.ts";
import { environmentVariables } from "./environment-schema.ts";

function read(...args: readonly string[]): CommandLine {
  return readCommandLine(args, commands, "1.2.3");
}

describe("command line", () => {
  test.each([[[]], [["--"]], [["start"]]])("%j starts the server", (args) => {
    expect(read(...args)).toMatchObject({ action: "run", command: { name: "start" } });
  });

  test.each([[["--version"]], [["--", "-v"]]])("%j prints the version", (args) => {
    expect(read(...args)).toEqual({ action: "print", text: "1.2.3" });
  });

  test.each([[["demo"]], [["--", "demo"]]])("%j plays the demo", (args) => {
    expect(read(...args)).toMatchObject({ action: "run", command: { name: "demo" } });
  });

  test.each(commands.map(({ name, summary }) => [name, summary]))(
    "server %s is in the help, and has one of its own",
    (name, summary) => {
      const line = expect.stringMatching(new RegExp(`\\n {2}server ${name}(?: <id…?>)? +${summary}\\n`));
      expect(read("--help")).toEqual({ action: "print", text: line });
      for (const help of ["--help", "-h"])
        expect(read(...name.split(" "), help)).toEqual({
          action: "print",
          text: expect.stringMatching(new RegExp(`^Usage: server ${name}\\b`)),
        });
    },
  );

  test.each([[["tasks"]], [["tasks", "--help"]]])("%j lists the commands of the group", (args) => {
    const { action, text } = read(...args) as { action: string; text: string };
    expect(action).toBe("print");
    expect(text).toMatch(/^Usage: server tasks <command>[\s\S]*server tasks prune/);
    expect(text).not.toContain("server db");
  });

  test("the help of a command shows its options and what stands behind its name", () => {
    expect(read("tasks", "retry", "--help")).toMatchObject({
      text: expect.stringContaining("<id…> [options]"),
    });
    expect(read("tasks", "prune", "--help")).toMatchObject({
      text: expect.stringMatching(/\n {2}--older-than <time> {2}\S.*\n/),
    });
  });

  test("the help names every variable", () => {
    const help = read("--help");
    expect(help.action).toBe("print");
    for (const variable of environmentVariables) expect(JSON.stringify(help)).toContain(`  ${variable} `);
  });

  test("reads operands and options in any order, also behind =", () => {
    const { input } = read("tasks", "retry", "a", "--json", "b") as CommandLine & { action: "run" };
    expect(input).toEqual({ operands: ["a", "b"], values: { json: true } });
    expect(read("tasks", "list", "--type=t", "--limit", "5")).toMatchObject({
      input: { operands: [], values: { type: "t", limit: "5" } },
    });
  });

  test.each<[readonly string[], RegExp]>([
    [["--prot", "1"], /^There is no argument "--prot"\./],
    [["strt"], /^There is no command "server strt"\. Did you mean "server start"\?/],
    [["task"], /Did you mean "server tasks"\?/],
    [["tasks", "lst"], /^There is no command "server tasks lst"\. Did you mean "server tasks list"\?/],
    [["tasks", "list", "--typ", "x"], /^There is no option --typ\. Did you mean --type\?/],
    [["tasks", "list", "--type"], /^--type needs a value: --type <type>\./],
    [["tasks", "list", "--type", "--json"], /^--type needs a value/],
    [["tasks", "list", "--json=yes"], /^--json takes no value\./],
    [["tasks", "list", "--type", "a", "--type", "b"], /^Give --type once\./],
    [["tasks", "list", "more"], /^"more" is too much/],
    [["tasks", "show"], /^Name a task: its id\./],
    [["tasks", "show", "a", "b"], /^"b" is too much/],
    [["--help", "me"], /^There is no argument "--help"/],
    [["--", "--"], /^There is no argument "--"/],
    [["demo", "fast"], /^"fast" is too much/],
  ])("%j is refused with what would be right", (args, message) => {
    const line = read(...args);
    expect(line).toMatchObject({ action: "refuse", text: expect.stringMatching(message) });
    expect(line).toMatchObject({ text: expect.stringContaining("Usage: server") });
  });

  test("no argument is repeated whose place tells that it may be a secret", () => {
    expect(JSON.stringify(read("--api-key", "hunter22"))).not.toContain("hunter22");
    expect(JSON.stringify(read("tasks", "list", "--api-key=hunter22"))).not.toContain("hunter22");
  });
});
