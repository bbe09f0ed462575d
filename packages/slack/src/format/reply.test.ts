import { expect, test } from "vitest";
import { parseDocument } from "./parse-document.ts";
import { renderMarkdown } from "./render-markdown.ts";
import { composeReply, markdownParts, mrkdwnParts } from "./reply.ts";

const paragraph = "word ".repeat(2_000).trim();

function paragraphs(count: number): string {
  return Array.from({ length: count }, () => paragraph).join("\n\n");
}

test("a reply of few messages is its messages", () => {
  const reply = composeReply(paragraphs(5));
  expect("parts" in reply && reply.parts.map(renderMarkdown)).toEqual(
    Array.from({ length: 5 }, () => paragraph),
  );
});

test("a longer one is a file, as it was written, below its beginning", () => {
  const text = `# All\n\n${paragraphs(6)}`;
  const reply = composeReply(text);
  if (!("file" in reply)) throw new Error("There is no file.");
  expect(reply.file).toEqual({ name: "reply.md", contentType: "text/markdown; charset=utf-8", text });
  const beginning = renderMarkdown(reply.beginning);
  expect(beginning).toMatch(/^# All\n\nword word .*\n\n\*The whole reply is in the file\.\*$/);
  expect(beginning.length).toBeLessThan(1_100);
});

test("how many messages are few is for the caller to say", () => {
  expect(composeReply(paragraphs(2), { maxParts: 1 })).toHaveProperty("file");
  expect(composeReply(paragraphs(6), { maxParts: 6 })).toHaveProperty("parts");
});

test("mrkdwn goes into smaller messages, within those of Markdown", () => {
  const parts = [...markdownParts(parseDocument(paragraphs(2)))];
  const small = mrkdwnParts(parts);
  expect([parts.length, small.length]).toEqual([2, 6]);
  expect(parts.flatMap((part) => mrkdwnParts([part]))).toEqual(small);
});
