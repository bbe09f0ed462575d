import type { Command, CommandInput } from "./commands/command.ts";
import { UsageError } from "./commands/command.ts";
import { commandHelp, groupHelp, programHelp } from "./commands/command-help.ts";
import { readInput } from "./commands/read-input.ts";
import { similarName } from "./similar-name.ts";

/** What the command line asks for. */
export type CommandLine =
  | { readonly action: "run"; readonly command: Command; readonly input: CommandInput }
  | { readonly action: "print"; readonly text: string }
  | { readonly action: "refuse"; readonly text: string };

/**
 * Reads the arguments behind the program's name; a leading `--`, as package managers pass it on, is dropped. Without
 * any, the first of the commands is meant.
 */
export function readCommandLine(
  args: readonly string[],
  commands: readonly Command[],
  version: string,
): CommandLine {
  const words = args[0] === "--" ? args.slice(1) : args;
  const [first, second] = words;
  if (first === undefined) return { action: "run", command: firstOf(commands), input: nothing };
  if (words.length === 1 && isVersion(first)) return { action: "print", text: version };
  if (words.length === 1 && isHelp(first)) return { action: "print", text: programHelp(commands) };
  const command = commands.find(({ name }) => name === first || name === `${first} ${second}`);
  if (command !== undefined) return readCommand(command, words.slice(command.name.split(" ").length));
  const isGroup = commands.some(({ name }) => name.startsWith(`${first} `));
  if (isGroup && (second === undefined || isHelp(second)))
    return { action: "print", text: groupHelp(first, commands) };
  const help = isGroup ? groupHelp(first, commands) : programHelp(commands);
  return { action: "refuse", text: `${unknown(words, isGroup, commands)}\n\n${help}` };
}

const nothing: CommandInput = { operands: [], values: {} };

function firstOf([first]: readonly Command[]): Command {
  if (first === undefined) throw new TypeError("There is no command.");
  return first;
}

function readCommand(command: Command, args: readonly string[]): CommandLine {
  if (args.some(isHelp)) return { action: "print", text: commandHelp(command) };
  try {
    return { action: "run", command, input: readInput(command, args) };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { action: "refuse", text: `${error.message}\n\n${commandHelp(command)}` };
  }
}

/** Names the word that is wrong, and never what follows, which may be a secret. */
function unknown(
  [first = "", second = ""]: readonly string[],
  isGroup: boolean,
  commands: readonly Command[],
): string {
  const asked = isGroup ? `${first} ${second}` : first;
  if (first.startsWith("-")) return `There is no argument "${first}".`;
  const names = commands.map(({ name }) => name);
  const groups = names.map((name) => name.split(" ")[0] ?? "");
  const meant = similarName(asked, isGroup ? names : [...names, ...groups]);
  const hint = meant === null ? "" : ` Did you mean "server ${meant}"?`;
  return `There is no command "server ${asked}".${hint}`;
}

function isHelp(word: string): boolean {
  return word === "--help" || word === "-h";
}

function isVersion(word: string): boolean {
  return word === "--version" || word === "-v";
}
