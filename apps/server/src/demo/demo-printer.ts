import { styleText } from "node:util";

export interface DemoPrinterOptions {
  readonly write: (text: string) => void;
  readonly isColored: boolean;
}

/** Writes the lines of a demo: numbered steps, and beneath each what happened. */
export interface DemoPrinter {
  headline(text: string): void;
  step(number: number, title: string): void;
  /** What is being waited for, or why something is so. */
  note(text: string): void;
  /** A line as it is, such as a request. */
  line(text: string): void;
  /** A name and its value, aligned with the others. */
  fact(name: string, value: string): void;
  /** A fact that proves the point of a step. */
  proof(name: string, value: string): void;
  /** A JSON object, one line per field. */
  json(value: object): void;
  failure(text: string): void;
}

export function createDemoPrinter({ write, isColored }: DemoPrinterOptions): DemoPrinter {
  const styled = (style: Style, text: string): string =>
    isColored ? styleText(style, text, { validateStream: false }) : text;
  const line = (text: string): void => write(text === "" ? "\n" : `${INDENT}${text}\n`);
  const fact = (name: string, value: string): void =>
    line(`${styled("dim", name.padEnd(NAME_WIDTH))}${value}`);
  return {
    headline: (text) => write(`\n  ${styled("bold", text)}\n`),
    step: (number, title) => write(`\n  ${styled("bold", `${number}  ${title}`)}\n`),
    note: (text) => line(styled("dim", text)),
    line,
    fact,
    proof: (name, value) => fact(name, styled("green", value)),
    json: (value) => jsonLines(value).forEach(line),
    failure: (text) => write(`\n  ${styled("red", text)}\n`),
  };
}

/** Whether a stream gets colours: a terminal that knows them, unless NO_COLOR says otherwise. */
export function wantsColor(
  stream: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  return stream.isTTY === true && !environment["NO_COLOR"] && environment["TERM"] !== "dumb";
}

type Style = "bold" | "dim" | "green" | "red";

const INDENT = "     ";
/** Room for the longest name, webhook-signature. */
const NAME_WIDTH = 19;

function jsonLines(value: object): readonly string[] {
  const fields = Object.entries(value).map(([name, field]) => `"${name}": ${JSON.stringify(field)}`);
  return fields.map((field, index) => {
    const start = index === 0 ? "{ " : "  ";
    return start + field + (index === fields.length - 1 ? " }" : ",");
  });
}
