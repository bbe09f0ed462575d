/** Where a text stops being JSON: the offset of the first token that is none or fits nowhere; its length if it ends too early. */
export function jsonFaultOffset(text: string): number {
  const open: string[] = [];
  let expected: Expected | undefined = "value";
  for (let at = 0; ;) {
    const start = endOf(SPACE, text, at);
    at = endOfToken(text, start);
    if (at === start) return start;
    expected = next(expected, text.charAt(start), open);
    if (expected === undefined) return start;
  }
}

/** What may stand here; a `first` one may also be the end of its list or object. */
type Expected = "value" | "first value" | "key" | "first key" | "colon" | "comma";

const SPACE = /[ \t\n\r]*/y;
const SIMPLE = /[[\]{},:]|true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;

function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

/** Or `start`, when no whole token stands there. */
function endOfToken(text: string, start: number): number {
  if (text.charAt(start) !== '"') return endOf(SIMPLE, text, start);
  for (let at = start + 1; ;) {
    const quote = endOf(PLAIN, text, at);
    if (text.charAt(quote) === '"') return quote + 1;
    at = endOf(ESCAPE, text, quote);
    if (at === quote) return start;
  }
}

/** `open` holds the brackets that the place is in, the innermost last. */
function next(expected: Expected, token: string, open: string[]): Expected | undefined {
  const within = open.at(-1);
  const mayClose = expected === "comma" || expected.startsWith("first");
  if (token === "]" || token === "}") {
    if (!mayClose || within !== (token === "]" ? "[" : "{")) return undefined;
    open.pop();
    return "comma";
  }
  if (expected === "colon") return token === ":" ? "value" : undefined;
  if (expected === "comma") {
    if (token !== "," || within === undefined) return undefined;
    return within === "[" ? "value" : "key";
  }
  if (expected.endsWith("key")) return token === '"' ? "colon" : undefined;
  return afterValue(token, open);
}

function afterValue(token: string, open: string[]): Expected | undefined {
  if (token === "," || token === ":") return undefined;
  if (token !== "[" && token !== "{") return "comma";
  open.push(token);
  return token === "[" ? "first value" : "first key";
}
