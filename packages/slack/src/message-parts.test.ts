import { expect, test } from "vitest";
import { MARKDOWN_CHARACTERS, MRKDWN_CHARACTERS } from "./format/reply.ts";
import type { MessageContent } from "./message-parts.ts";
import { contentOf, delegatedPart, formOf, messageParts, namedPart } from "./message-parts.ts";

function contents(text: string, language: "markdown" | "none" = "markdown"): MessageContent[] {
  const { markdown, mrkdwn } = messageParts(text, language);
  return [
    ...markdown.map((part) => contentOf(part, "markdown")),
    ...mrkdwn.map((part) => contentOf(part, "mrkdwn")),
  ];
}

test("a text has two forms: Slack's Markdown and mrkdwn", () => {
  expect(contents("**Done**: [all](https://example.com)")).toEqual([
    { markdown_text: "**Done**: [all](https://example.com)" },
    { text: "*Done*: <https://example.com|all>" },
  ]);
});

test("nothing in it calls people", () => {
  expect(contents("<!channel> & <@U1>: a < b")).toEqual([
    { markdown_text: "&lt;!channel&gt; & &lt;@U1&gt;: a &lt; b" },
    { text: "&lt;!channel&gt; &amp; &lt;@U1&gt;: a &lt; b" },
  ]);
});

test("a text in no language shows as it is", () => {
  expect(contents("# *failed*: [a](https://b.c)", "none")).toEqual([
    { markdown_text: "\\# \\*failed\\*: \\[a]\\(https\\://b.c)" },
    { text: "# *failed*: [a](https://b.c)" },
  ]);
});

test("half characters, which cannot be sent, are replaced", () => {
  expect(contents("a\ud83d")).toEqual([{ markdown_text: "a\ufffd" }, { text: "a\ufffd" }]);
});

test("a text of which Markdown shows nothing shows as it is", () => {
  expect(contents("[a]: https://example.com").map((content) => Object.values(content).join(""))).toEqual([
    expect.stringContaining("example.com"),
    expect.stringContaining("example.com"),
  ]);
});

test("the first part says who has delegated the work", () => {
  const [first, list] = [messageParts("Hello.", "markdown"), messageParts("- one", "markdown")].map((parts) =>
    parts.markdown.map((part) => delegatedPart(part, "Ada\n<!here>")),
  );
  expect(first?.map((part) => contentOf(part, "mrkdwn"))).toEqual([
    { text: "_Delegated by Ada &lt;!here&gt;_\nHello." },
  ]);
  expect(first?.map((part) => contentOf(part, "markdown"))).toEqual([
    { markdown_text: "*Delegated by Ada &lt;!here&gt;*  \nHello." },
  ]);
  expect(list?.map((part) => contentOf(part, "markdown"))).toEqual([
    { markdown_text: "*Delegated by Ada &lt;!here&gt;*\n\n- one" },
  ]);
});

test("a part may begin with a bot's name", () => {
  const named = messageParts("Hello.", "markdown").markdown.map((part) => namedPart(part, "Ada & Bob"));
  expect(named.map((part) => contentOf(part, "mrkdwn"))).toEqual([{ text: "*Ada &amp; Bob*: Hello." }]);
  expect(named.map((part) => contentOf(part, "markdown"))).toEqual([
    { markdown_text: "**Ada & Bob**: Hello." },
  ]);
});

test("blank names are left out", () => {
  const { markdown } = messageParts("Hello.", "markdown");
  expect(markdown.map((part) => namedPart(delegatedPart(part, " "), ""))).toEqual(markdown);
});

test("the longest names fit", () => {
  const { markdown, mrkdwn } = messageParts("wörter & mehr ".repeat(3_000), "markdown");
  const long = "<*".repeat(5_000);
  const length = (content: MessageContent): number => Object.values(content).join("").length;
  const sizes = { markdown: MARKDOWN_CHARACTERS, mrkdwn: MRKDWN_CHARACTERS };
  for (const [form, cut] of [
    ["markdown", markdown],
    ["mrkdwn", mrkdwn],
  ] as const) {
    const lengths = cut.map((part) => length(contentOf(namedPart(delegatedPart(part, long), long), form)));
    expect(Math.max(...lengths)).toBeLessThanOrEqual(sizes[form]);
  }
});

test("the number of parts that were sent tells their form", () => {
  const parts = messageParts("word ".repeat(5_000), "markdown");
  expect([parts.markdown.length, parts.mrkdwn.length]).toEqual([3, 9]);
  expect(formOf([], parts)).toBe("markdown");
  expect(formOf([{ of: 3 }, {}], parts)).toBe("markdown");
  expect(formOf([{ of: 9 }, { of: 9 }], parts)).toBe("mrkdwn");
  expect(formOf([{ of: 3 }, { of: 9 }], parts)).toBeNull();
  expect(formOf([{ of: 4 }], parts)).toBeNull();
});

test("two cuts into as many parts are the same cut", () => {
  for (const text of ["short", "word ".repeat(700), "# a\n\n> b\n\n- c"]) {
    const { markdown, mrkdwn } = messageParts(text, "markdown");
    expect(mrkdwn).toEqual(markdown);
  }
});
