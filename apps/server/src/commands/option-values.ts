import { similarName } from "../similar-name.ts";
import { UsageError } from "./command.ts";

/** One of some words, or the word that was meant. @throws UsageError naming the option */
export function readChoice<Word extends string>(option: string, text: string, words: readonly Word[]): Word {
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  const meant = similarName(text, words);
  const hint = meant === null ? `Use one of ${words.join(", ")}.` : `Did you mean "${meant}"?`;
  throw new UsageError(`${option}: there is no "${text}". ${hint}`);
}

/** Several of them, separated by commas. @throws UsageError */
export function readChoices<Word extends string>(
  option: string,
  text: string,
  words: readonly Word[],
): readonly Word[] {
  return readList(text).map((word) => readChoice(option, word, words));
}

export function readList(text: string): readonly string[] {
  return text
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
}

/** A whole number from 1 on. @throws UsageError naming the option */
export function readCount(option: string, text: string): number {
  const count = Number(text);
  if (/^\d{1,9}$/.test(text) && count >= 1) return count;
  throw new UsageError(`${option}: "${text}" is no whole number from 1 on.`);
}

/** What of some options was given, without those that were not. */
export function given<Fields extends object>(
  fields: Fields,
): { readonly [Field in keyof Fields]?: Exclude<Fields[Field], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
