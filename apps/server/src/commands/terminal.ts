import { styleText } from "node:util";
import { wantsColor } from "../demo/demo-printer.ts";

/** Where a command prints. */
export interface Terminal {
  /** A line of its answer. */
  print(line: string): void;
  /** A line about what it does, which is no part of the answer. */
  note(line: string): void;
  /** Text as it is, where `note` goes; only useful where `isLive`. */
  draw(text: string): void;
  /** Whether what is drawn can be drawn over. */
  readonly isLive: boolean;
  /** How wide a line may be; null: as wide as it likes. */
  readonly width: number | null;
  /** Where colours are wanted, the same text in a style. */
  style(style: "bold" | "dim" | "red" | "green" | "yellow", text: string): string;
}

/** The parts of a stream that matter. */
interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export function createTerminal(
  { stdout, stderr }: { readonly stdout: Stream; readonly stderr: Stream },
  environment: Readonly<Record<string, string | undefined>>,
): Terminal {
  const isColored = wantsColor(stdout, environment);
  return {
    print: (line) => void stdout.write(`${line}\n`),
    note: (line) => void stderr.write(`${line}\n`),
    draw: (text) => void stderr.write(text),
    isLive: stderr.isTTY === true,
    width: stdout.isTTY === true ? (stdout.columns ?? null) : null,
    style: (style, text) => (isColored ? styleText(style, text, { validateStream: false }) : text),
  };
}
