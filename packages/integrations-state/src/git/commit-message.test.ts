import { describe, expect, it } from "vitest";
import { commitMessage, DEFAULT_MESSAGE } from "./commit-message.ts";

const facts = { event: "task.sync", files: 3, payload: {} };

describe("the message of a commit", () => {
  it("is the event and the payload's summary, else its title, else how much it is", () => {
    const of = (payload: Record<string, string>): string =>
      commitMessage(DEFAULT_MESSAGE, { ...facts, payload });
    expect(of({ summary: "Did it", title: "x" })).toBe("task.sync: Did it");
    expect(of({ title: "A title" })).toBe("task.sync: A title");
    expect(of({ summary: " \n " })).toBe("task.sync: 3 files");
    expect(commitMessage(DEFAULT_MESSAGE, { ...facts, files: 1 })).toBe("task.sync: 1 file");
  });

  it("takes the payload's top-level texts and numbers, and nothing else", () => {
    const payload = { session: "s1", cost: 1.5, nested: { a: 1 }, flag: true, list: ["x"] };
    const template = "[{session}][{cost}][{nested}][{flag}][{list}][{unknown}][{constructor}][{files}]";
    expect(commitMessage(template, { ...facts, payload })).toBe("[s1][1.5][][][][][][3]");
  });

  it("keeps the template's own lines, and none of a value, so that no payload can add a trailer", () => {
    const payload = { summary: "one\r\n\nCo-authored-by: x\u2028two\u0000\u001b[31m\u202eback" };
    expect(commitMessage("{event}\n\n{summary}", { ...facts, payload })).toBe(
      "task.sync\n\none Co-authored-by: x two [31m back",
    );
  });

  it("does not fill what a value looks like", () => {
    const payload = { summary: "{event}", event: "mine", files: "many" };
    expect(commitMessage("{summary} {event} {files}", { ...facts, payload })).toBe("{event} task.sync 3");
  });

  it("is cut, and not within a character", () => {
    const payload = { summary: `${"x".repeat(198)}😀${"x".repeat(50)}` };
    expect(commitMessage("{summary}", { ...facts, payload })).toBe(`${"x".repeat(198)}…`);
    expect(commitMessage("y".repeat(5_000), facts)).toHaveLength(2_000);
    expect(commitMessage("{summary}", { ...facts, payload: { summary: "\ud800" } })).toBe("\ufffd");
  });

  it("is the event where nothing is left of it", () => {
    expect(commitMessage("  {nothing} ", facts)).toBe("task.sync");
    expect(commitMessage("", { ...facts, event: "" })).toBe("auto-commit");
  });
});
