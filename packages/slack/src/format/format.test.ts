import fc from "fast-check";
import { expect, test } from "vitest";
import { formatFault } from "../../test/format/format-faults.ts";
import { randomLimit, randomMarkdown } from "../../test/format/random-markdown.ts";

test("nothing is lost, cut through or takes effect, whatever the document", () => {
  fc.assert(
    fc.property(randomMarkdown(), randomLimit(), (markdown, limit) => {
      expect(formatFault(markdown, limit)).toBe("");
    }),
    // Always the same ones; `pnpm torture:format` tries others.
    { numRuns: 75, seed: 2_026, interruptAfterTimeLimit: 10_000 },
  );
});

test.each([
  "a\n1\\.\n1\\. word",
  "a\n\\-\n\\- b",
  "~*<br><br>|~",
  "*&\r\n<br>word*",
  "- ---\n\n~](https://a.b)~<b>",
  "!![](https://a.b)",
  "[](www.)www.",
  "[1]www.&#35;",
  "``<https://``<https://evil.example|bank>",
  "~a@b.cd~👩‍👩‍👧 é",
  "~*~word<b>*<b>*~*",
  "| one | two |\n|:--|--:|\n| word * _<br> word_ | word |",
  "> - 1. word **word**\n>   word\n>\n>   | one | two |\n>   |:--|--:|",
  "- - [x] ```js\n    <!subteam^S1> word\n    1. 1.\n    ```\n    \n    word\n- # word",
  "- word\n  <!x> word\n  3. word",
  "<br>```a\n`b``c```",
  "`a`[]()`b`",
  "[`a`![]()`b`](https://a.b)",
  "`<`[]()`!here>`",
  "**a**[]()**b**",
  "```\\`````b````",
  "``[]()`b`",
  "`a`\\``",
  "~~**!**~~[]()b",
  "(https://a []()\n[]()\nb",
  "https://ww..",
  "> * ---\n> + ---\n>   \n>   # word",
  "- - word\n\n  + word\n  * ---",
  "- > word\n  >\n  > ` `",
])("%j, which is easily written wrongly, is not", (markdown) => {
  expect(formatFault(markdown, 500)).toBe("");
});
