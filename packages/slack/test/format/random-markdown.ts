import fc from "fast-check";

/** Markdown as agents write it, and as nobody should: whole documents, and signs strewn about. */
export function randomMarkdown(): fc.Arbitrary<string> {
  const both = fc.tuple(documents(), strewnSigns()).map((two) => two.join("\n\n"));
  return fc.oneof(
    { weight: 3, arbitrary: documents() },
    { weight: 2, arbitrary: strewnSigns() },
    { weight: 1, arbitrary: both },
  );
}

/** Characters of a part. The smaller ones, for which nobody asks, cut through more. */
export function randomLimit(): fc.Arbitrary<number> {
  return fc.oneof(fc.integer({ min: 150, max: 499 }), fc.integer({ min: 500, max: 1_000 }));
}

const WORDS = [
  "word",
  "a",
  "Wörter",
  "snake_case",
  "2 * 3",
  "now.then",
  "[1]",
  "漢字かな",
  "👩‍👩‍👧 e\u0301",
  "x".repeat(60),
  "a < b && c > d",
  "&amp; &lt;!here&gt; &#60;@U1&#62;",
  "<!channel>",
  "<@U123>",
  "<#C123|general>",
  "<!subteam^S1>",
  "<https://evil.example|bank>",
  "https://example.com/a_b?c=1&d=2.",
  "*",
  "~",
  "\\*",
  "|",
  "1.",
  "#",
  "\ud83d",
  "<b>",
  "<br>",
];

const URLS = [
  "https://example.com/",
  "http://example.com/a_(b)?c=1&copy;=2#d",
  "mailto:ada@example.com",
  "javascript:alert(1)",
  "./docs/read.md",
  "https://example.com/<!here>|x",
  "",
];

const SPACES = ["\n", "\n\n", "\r\n", "  \n", "\\\n", " ", "  ", "    ", "\t", "\u00a0", "\u200b"];

const SIGNS = [
  "* ** *** _ __ ~~ ~ ` `` ``` ```` ~~~ ~~~~ --- === | |- : [ ] ( ) ![ ]( ](https://a.b) [a] [^1] \\ ! < > & ; &lt; &#35; &nbsp;",
  "[]() ![]() https:// www. @ a@b.cd . <!-- --> <? </a> <a=>",
].flatMap((line) => line.split(" "));

/** What means something at the beginning of a line. */
const MARKERS = [
  "- ",
  "+ ",
  "* ",
  "1. ",
  "7) ",
  "> ",
  "# ",
  "###### ",
  "- [x] ",
  "[ ] ",
  "[^1]: ",
  "[a]: http://b.c\n",
];

function strewnSigns(): fc.Arbitrary<string> {
  const signs = fc.constantFrom(...SIGNS, ...SPACES, ...MARKERS);
  const pieces = fc.oneof(signs, fc.constantFrom(...WORDS));
  return fc.array(pieces, { maxLength: 60, size: "max" }).map((all) => all.join(""));
}

function documents(): fc.Arbitrary<string> {
  return fc.array(blocks(2), { minLength: 1, maxLength: 5, size: "max" }).map((all) => all.join("\n\n"));
}

function blocks(depth: number): fc.Arbitrary<string> {
  const leaves = [
    { weight: 4, arbitrary: lines() },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom("#", "###"), phrase()).map((both) => both.join(" ")) },
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
  return fc.array(phrase(), { minLength: 1, maxLength: 4 }).map((all) => all.join("\n"));
}

function phrase(): fc.Arbitrary<string> {
  const pieces = fc.oneof({ weight: 4, arbitrary: words() }, spans(1));
  return fc
    .array(fc.tuple(pieces, joints()), { minLength: 1, maxLength: 4 })
    .map((all) => all.flat().slice(0, -1).join(""));
}

/** Most are spaces; without one, marks touch. */
function joints(): fc.Arbitrary<string> {
  return fc.oneof({ weight: 4, arbitrary: fc.constant(" ") }, fc.constantFrom("", "[]()", "<br>", "\\\n"));
}

function words(): fc.Arbitrary<string> {
  return fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 6 }).map((all) => all.join(" "));
}

function spans(depth: number): fc.Arbitrary<string> {
  const inner = depth === 0 ? words() : fc.oneof({ weight: 2, arbitrary: words() }, spans(depth - 1));
  return fc.oneof(
    codes(),
    fc
      .tuple(fc.constantFrom("**", "*", "_", "~~", "***", "__"), inner)
      .map(([mark, text]) => mark + text + mark),
    fc
      .tuple(fc.constantFrom("", "!"), inner, fc.constantFrom(...URLS))
      .map(([mark, text, url]) => `${mark}[${text}](${url})`),
    fc.constantFrom(
      "[ref]",
      "[text][ref]",
      "![**alt**][ref]",
      "foo**bar**baz",
      "[^1]",
      "[**bold `code]`**](https://a.b)",
    ),
  );
}

/** Between accents in any number, with others and with breaks of lines in it. */
function codes(): fc.Arbitrary<string> {
  const accents = fc.integer({ min: 1, max: 4 }).map((count) => "`".repeat(count));
  const pieces = fc.oneof(words(), accents, fc.constantFrom("\n", " ", "\n- ", "\n```", "\n~~~", "\\"));
  return fc
    .tuple(accents, fc.array(pieces, { minLength: 1, maxLength: 5 }))
    .map(([mark, all]) => mark + all.join("") + mark);
}

function fences(): fc.Arbitrary<string> {
  const code = fc.array(fc.oneof(words(), fc.constantFrom("", "  indented(", "``", "\t}")), { maxLength: 8 });
  return fc
    .tuple(fc.constantFrom("```js", "~~~", "````", "```<!channel> x"), code)
    .map(([fence, all]) => [fence, ...all, /^[`~]+/.exec(fence)?.[0]].join("\n"));
}

function tables(): fc.Arbitrary<string> {
  const row = fc
    .array(phrase(), { minLength: 2, maxLength: 3 })
    .map((cells) => `| ${cells.join(" | ").replaceAll("\n", " ")} |`);
  const head = fc.constantFrom(
    "| one | two |\n|:--|--:|",
    "|  |  |\n|--|--|",
    "| **a** | <!here> | c |\n|-|:-:|-|",
  );
  return fc.tuple(head, fc.array(row, { maxLength: 5 })).map(([first, rows]) => [first, ...rows].join("\n"));
}
