import fc from "fast-check";
import { randomPhrase, randomWords } from "./random-phrases.ts";

/** Blocks of all kinds, also within each other. */
export function randomDocument(): fc.Arbitrary<string> {
  return fc.array(blocks(2), { minLength: 1, maxLength: 5, size: "max" }).map((all) => all.join("\n\n"));
}

function blocks(depth: number): fc.Arbitrary<string> {
  const leaves = [
    { weight: 4, arbitrary: lines() },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.constantFrom("#", "###"), randomPhrase()).map((both) => both.join(" ")),
    },
    { weight: 1, arbitrary: fences() },
    { weight: 1, arbitrary: tables() },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "---",
        "<div>\n<!-- x -->\n</div>",
        "<details>\n<summary>word</summary>\n\n**word**\n\n</details>",
        "[ref]: https://example.com/ref",
        "[^1]: word\n\n    ```\n    word\n    ```",
        "    indented\n\n    code",
        "word\n===",
      ),
    },
  ];
  if (depth === 0) return fc.oneof(...leaves);
  const inner = fc.array(blocks(depth - 1), { minLength: 1, maxLength: 3 }).map((all) => all.join("\n\n"));
  const items = fc.array(fc.tuple(fc.constantFrom(...ITEMS), inner), {
    minLength: 1,
    maxLength: 4,
  });
  return fc.oneof(
    ...leaves,
    { weight: 1, arbitrary: inner.map((text) => text.replaceAll(/^/gm, "> ")) },
    { weight: 2, arbitrary: items.map((all) => all.map(([mark, text]) => itemOf(mark, text)).join("\n")) },
  );
}

const ITEMS = ["- ", "* ", "+ ", "1. ", "9) ", "10. ", "123456789. ", "- [x] ", "1. [ ] "];

function itemOf(mark: string, text: string): string {
  return mark + text.replaceAll("\n", `\n${" ".repeat(mark.indexOf(" ") + 1)}`);
}

function lines(): fc.Arbitrary<string> {
  return fc.array(randomPhrase(), { minLength: 1, maxLength: 4 }).map((all) => all.join("\n"));
}

function fences(): fc.Arbitrary<string> {
  const code = fc.array(fc.oneof(randomWords(), fc.constantFrom("", "  indented(", "``", "\t}")), {
    maxLength: 8,
  });
  return fc
    .tuple(fc.constantFrom("```js", "~~~", "````", "```<!channel> x"), code)
    .map(([fence, all]) => [fence, ...all, /^[`~]+/.exec(fence)?.[0]].join("\n"));
}

function tables(): fc.Arbitrary<string> {
  const row = fc
    .array(randomPhrase(), { minLength: 2, maxLength: 3 })
    .map((cells) => `| ${cells.join(" | ").replaceAll("\n", " ")} |`);
  const head = fc.constantFrom(
    "| one | two |\n|:--|--:|",
    "|  |  |\n|--|--|",
    "| **a** | <!here> | c |\n|-|:-:|-|",
  );
  return fc.tuple(head, fc.array(row, { maxLength: 5 })).map(([first, rows]) => [first, ...rows].join("\n"));
}
