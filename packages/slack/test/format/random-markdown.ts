import fc from "fast-check";
import { randomDocument } from "./random-documents.ts";
import { WORDS } from "./random-phrases.ts";

/** Markdown as agents write it, and as nobody should: whole documents, signs strewn about, and scraps of few letters. */
export function randomMarkdown(): fc.Arbitrary<string> {
  const both = fc.tuple(randomDocument(), strewnSigns()).map((two) => two.join("\n\n"));
  return fc.oneof(
    { weight: 3, arbitrary: randomDocument() },
    { weight: 2, arbitrary: strewnSigns() },
    { weight: 1, arbitrary: both },
    { weight: 2, arbitrary: scraps() },
  );
}

/** Characters of a part. The smaller ones, for which nobody asks, cut through more. */
export function randomLimit(): fc.Arbitrary<number> {
  return fc.oneof(fc.integer({ min: 150, max: 499 }), fc.integer({ min: 500, max: 1_000 }));
}

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

/** What the smallest faults are made of, in paragraphs, quotes, lists and tables. */
function scraps(): fc.Arbitrary<string> {
  const letters = Array.from("**__~~``[]()<>!|\\\n\n  -+#.1&;:/ab@wx=\t\u00e9,漢👩");
  const pieces = fc.oneof(
    fc.constantFrom(...letters),
    fc.constantFrom(...SIGNS, ...SPACES, "!here>", "<br>"),
  );
  const scrap = fc.array(pieces, { maxLength: 40, size: "max" }).map((all) => all.join(""));
  const frames: ((text: string) => string)[] = [
    (text) => text,
    (text) => text.replaceAll(/^/gm, "> "),
    (text) => `- ${text.replaceAll("\n", "\n  ")}`,
    (text) => `| a | b |\n|-|-|\n| ${text.replaceAll(/\s/g, " ")} | b |`,
  ];
  return fc
    .array(fc.tuple(fc.constantFrom(...frames), scrap), { minLength: 1, maxLength: 12, size: "max" })
    .map((all) => all.map(([frame, text]) => frame(text)).join("\n\n"));
}
