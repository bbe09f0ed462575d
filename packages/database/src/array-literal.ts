/** A value of an array column: nested arrays are further dimensions. */
export type ArrayValue<T> = readonly (T | null | ArrayValue<T>)[];

/** Writes an array as the text that Postgres reads: `{"a","b",NULL}`. */
export function formatArrayLiteral(values: readonly unknown[], format: (value: unknown) => string): string {
  const elements = values.map((value) => {
    if (value === null || value === undefined) return "NULL";
    if (Array.isArray(value)) return formatArrayLiteral(value, format);
    return quoteElement(format(value));
  });
  return `{${elements.join(",")}}`;
}

/** Reads the text of an array column, handing each element to `parse`. */
export function parseArrayLiteral<T>(text: string, parse: (element: string) => T): ArrayValue<T> {
  // Arrays with unusual bounds are written as `[0:1]={1,2}`; the bounds are dropped.
  const reader = { text, at: text.indexOf("{") };
  return readArray(reader, parse);
}

interface Reader {
  readonly text: string;
  at: number;
}

function quoteElement(element: string): string {
  return `"${element.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

function readArray<T>(reader: Reader, parse: (element: string) => T): ArrayValue<T> {
  const values: (T | null | ArrayValue<T>)[] = [];
  reader.at += 1;
  while (reader.at < reader.text.length) {
    const character = reader.text[reader.at];
    if (character === "}") {
      reader.at += 1;
      break;
    }
    if (character === ",") reader.at += 1;
    else if (character === "{") values.push(readArray(reader, parse));
    else if (character === '"') values.push(parse(readQuoted(reader)));
    else values.push(readBare(reader, parse));
  }
  return values;
}

function readQuoted(reader: Reader): string {
  let element = "";
  for (reader.at += 1; reader.text[reader.at] !== '"'; reader.at += 1) {
    if (reader.text[reader.at] === "\\") reader.at += 1;
    element += reader.text[reader.at] ?? "";
    if (reader.at >= reader.text.length) return element;
  }
  reader.at += 1;
  return element;
}

function readBare<T>(reader: Reader, parse: (element: string) => T): T | null {
  const start = reader.at;
  while (reader.at < reader.text.length && !",}".includes(reader.text[reader.at] ?? "")) reader.at += 1;
  const element = reader.text.slice(start, reader.at);
  return element === "NULL" ? null : parse(element);
}
