/** Says where a text stops being JSON: `unexpected "}" at position 12 (line 1, column 13)`. */
export function describeJsonMistake(text: string): string {
  const position = jsonMistakePosition(text);
  if (text.trim() === "") return "it is empty";
  if (position >= text.length) return `it ends too early, at position ${text.length}`;
  const before = text.slice(0, position);
  const line = before.split("\n").length;
  const column = position - before.lastIndexOf("\n");
  const character = JSON.stringify(String.fromCodePoint(text.codePointAt(position) ?? 0));
  return `unexpected ${character} at position ${position} (line ${line}, column ${column})`;
}

type Expected = "value" | "valueOrEnd" | "keyOrEnd" | "key" | "colon" | "commaOrEnd" | "nothing";

const blank = /[ \t\n\r]*/y;
const token =
  /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\],:]/y;

/** The position of the first token that does not fit; the length of the text when it ends too early. */
export function jsonMistakePosition(text: string): number {
  const open: string[] = [];
  let expected: Expected = "value";
  let position = 0;
  for (;;) {
    position += match(blank, text, position).length;
    if (position === text.length) return position;
    const word = match(token, text, position);
    const next = follow(word, expected, open);
    if (next === null) return unfinishedString(text, position) ? text.length : position;
    expected = next;
    position += word.length;
  }
}

function match(pattern: RegExp, text: string, position: number): string {
  pattern.lastIndex = position;
  return pattern.exec(text)?.[0] ?? "";
}

/** What may come after a token, or null when the token itself may not come. */
function follow(word: string, expected: Expected, open: string[]): Expected | null {
  const kind = kindOf(word);
  if (kind === "end") return close(word, expected, open);
  if (expected === "commaOrEnd") return kind === "comma" ? (open.at(-1) === "}" ? "key" : "value") : null;
  if (expected === "colon") return kind === "colon" ? "value" : null;
  if (expected === "key" || expected === "keyOrEnd") return kind === "string" ? "colon" : null;
  if (expected === "nothing") return null;
  if (kind === "start") {
    open.push(word === "{" ? "}" : "]");
    return word === "{" ? "keyOrEnd" : "valueOrEnd";
  }
  return kind === "string" || kind === "scalar" ? afterValue(open) : null;
}

function close(word: string, expected: Expected, open: string[]): Expected | null {
  const mayEnd = expected === "commaOrEnd" || expected === "keyOrEnd" || expected === "valueOrEnd";
  if (!mayEnd || open.at(-1) !== word) return null;
  open.pop();
  return afterValue(open);
}

function afterValue(open: readonly string[]): Expected {
  return open.length === 0 ? "nothing" : "commaOrEnd";
}

function kindOf(word: string): "start" | "end" | "comma" | "colon" | "string" | "scalar" | "none" {
  if (word === "") return "none";
  if (word === "{" || word === "[") return "start";
  if (word === "}" || word === "]") return "end";
  if (word === ",") return "comma";
  if (word === ":") return "colon";
  return word.startsWith('"') ? "string" : "scalar";
}

/** A string whose closing quote is missing is told as such, not as a mistake at its first quote. */
function unfinishedString(text: string, position: number): boolean {
  return text[position] === '"' && !/(?<!\\)(?:\\\\)*"/.test(text.slice(position + 1));
}
