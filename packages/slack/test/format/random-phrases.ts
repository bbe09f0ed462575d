import fc from "fast-check";

export const WORDS: readonly string[] = [
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

/** Words and spans of them, on one line unless code has several. */
export function randomPhrase(): fc.Arbitrary<string> {
  const pieces = fc.oneof({ weight: 4, arbitrary: randomWords() }, spans(1));
  return fc
    .array(fc.tuple(pieces, joints()), { minLength: 1, maxLength: 4 })
    .map((all) => all.flat().slice(0, -1).join(""));
}

/** Most are spaces; without one, marks touch. */
function joints(): fc.Arbitrary<string> {
  return fc.oneof({ weight: 4, arbitrary: fc.constant(" ") }, fc.constantFrom("", "[]()", "<br>", "\\\n"));
}

/** A few words, some of which mean something to Slack or Markdown. */
export function randomWords(): fc.Arbitrary<string> {
  return fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 6 }).map((all) => all.join(" "));
}

function spans(depth: number): fc.Arbitrary<string> {
  const inner =
    depth === 0 ? randomWords() : fc.oneof({ weight: 2, arbitrary: randomWords() }, spans(depth - 1));
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
  const pieces = fc.oneof(randomWords(), accents, fc.constantFrom("\n", " ", "\n- ", "\n```", "\n~~~", "\\"));
  return fc
    .tuple(accents, fc.array(pieces, { minLength: 1, maxLength: 5 }))
    .map(([mark, all]) => mark + all.join("") + mark);
}
