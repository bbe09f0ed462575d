import type { Configuration } from "../configuration.ts";
import type { Masking } from "../masking.ts";
import type { Terminal } from "./terminal.ts";

/** One command of the command line. The help and the dispatch both come from it. */
export interface Command {
  /** The words behind the program's name, such as `tasks list`. */
  readonly name: string;
  readonly summary: string;
  /** What stands behind the name beside options; null: nothing. */
  readonly operand: Operand | null;
  readonly options: CommandOptions;
  /** @returns the exit code @throws UsageError, CommandError and what the parts of the server throw */
  run(input: CommandInput, context: CommandContext): Promise<number>;
}

interface Operand {
  /** Such as `id`. */
  readonly name: string;
  readonly isMany: boolean;
}

export type CommandOptions = Readonly<Record<string, CommandOption>>;

export interface CommandOption {
  readonly type: "string" | "boolean";
  /** What its value is, such as `<type>`. */
  readonly value?: string;
  readonly summary: string;
}

/** What was given behind the name, read but not yet understood. */
export interface CommandInput {
  readonly operands: readonly string[];
  readonly values: Readonly<Record<string, string | boolean>>;
}

/** What a command has to do with. */
export interface CommandContext {
  readonly version: string;
  readonly terminal: Terminal;
  /** Knows the secrets of the configuration once it was read. */
  readonly masking: Masking;
  /** @throws ConfigurationError */
  readonly configuration: () => Configuration;
  /** Aborted by the first Ctrl-C from the call on; a second one ends the process. */
  readonly interruption: () => AbortSignal;
}

/** A command whose options are known by their names. */
export interface CommandDefinition<Options extends CommandOptions> extends Omit<Command, "run" | "options"> {
  readonly options: Options;
  run(
    input: { readonly operands: readonly string[]; readonly values: OptionValues<Options> },
    context: CommandContext,
  ): Promise<number>;
}

type OptionValues<Options extends CommandOptions> = {
  readonly [Name in keyof Options]?: Options[Name]["type"] extends "string" ? string : boolean;
};

/** Forgets which options a command has, so that all commands are of one kind; what is read was checked by them. */
export function defineCommand<const Options extends CommandOptions>(
  definition: CommandDefinition<Options>,
): Command {
  return {
    ...definition,
    run: ({ operands, values }, context) =>
      definition.run({ operands, values: values as OptionValues<Options> }, context),
  };
}

/** What every command that prints something can do. */
export const jsonOption: { readonly json: { readonly type: "boolean"; readonly summary: string } } = {
  json: { type: "boolean", summary: "prints one JSON document and nothing else" },
};

/** How a command ends. */
export const exitCodes = { done: 0, failed: 1, wrongUsage: 2, notFound: 3 } as const;

/** The command line is wrong; the message says how, and what would be right. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** A command could not do what was asked, for a reason that its user can mend. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

/** A command could not do it just now, as when a server starts or stops: trying again may help. */
export class PassingError extends CommandError {}
