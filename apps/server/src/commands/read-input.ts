import { parseArgs } from "node:util";
import { similarName } from "../similar-name.ts";
import type { Command, CommandInput, CommandOptions } from "./command.ts";
import { UsageError } from "./command.ts";

/** Reads what stands behind a command's name. @throws UsageError naming the first mistake */
export function readInput({ operand, options, name }: Command, args: readonly string[]): CommandInput {
  const { positionals, tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(Object.entries(options).map(([option, { type }]) => [option, { type }])),
    allowPositionals: true,
    // Mistakes are told in our own words.
    strict: false,
    tokens: true,
  });
  const values: Record<string, string | boolean> = {};
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    if (token.name in values) throw new UsageError(`Give ${token.rawName} once.`);
    values[token.name] = valueOf(token, options);
  }
  if (operand === null && positionals.length > 0) throw tooMany(name, positionals[0] ?? "");
  if (operand !== null && positionals.length === 0) throw new UsageError(`Name a task: its ${operand.name}.`);
  if (operand?.isMany === false && positionals.length > 1) throw tooMany(name, positionals[1] ?? "");
  return { operands: positionals, values };
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function valueOf(
  { name, rawName, value, inlineValue }: OptionToken,
  options: CommandOptions,
): string | boolean {
  const option = Object.hasOwn(options, name) ? options[name] : undefined;
  if (option === undefined) throw unknownOption(rawName, options);
  if (option.type === "boolean") {
    if (value !== undefined) throw new UsageError(`${rawName} takes no value.`);
    return true;
  }
  if (value === undefined || value === "" || (inlineValue !== true && value.startsWith("-")))
    throw new UsageError(`${rawName} needs a value: ${rawName} ${option.value ?? "<value>"}.`);
  return value;
}

/** Without the value, which may be a secret. */
function unknownOption(rawName: string, options: CommandOptions): UsageError {
  const meant = similarName(rawName, Object.keys(options));
  const hint = meant === null ? "" : ` Did you mean --${meant}?`;
  return new UsageError(`There is no option ${rawName}.${hint}`);
}

function tooMany(name: string, operand: string): UsageError {
  return new UsageError(`"${operand}" is too much: look at server ${name} --help.`);
}
