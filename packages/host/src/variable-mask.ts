import type { Integration } from "@core/registry";
import { declaredVariables, variableValue } from "./integration-environment.ts";
import type { Environment } from "./integration-environment.ts";

/** Makes a text of an integration fit to be shown; `field` is the variable that the text is about. */
export type VariableMask = (text: string, field?: string) => string;

/** A shorter value is only found where it stands alone: it would tear ordinary words apart. */
const SHORTEST_INSIDE_WORDS = 6;

/** What is longer is cut, so that an answer with texts of many integrations stays readable. */
const LONGEST_TEXT = 2_000;

/**
 * Writes `$NAME` in place of the value of a variable: of each secret one, of the integration's own, and of those
 * too short to be told from ordinary words only where the text is about them.
 */
export function createVariableMask(
  integration: Integration,
  secrets: readonly string[],
  environment: Environment,
): VariableMask {
  const own = declaredVariables(integration).map(({ name }) => name);
  const names = [...new Set([...secrets, ...own])];

  return (text, field) => {
    const about = field?.split(".")[0];
    const forms = new Map(
      names.flatMap((name) => {
        const value = variableValue(environment, name) ?? "";
        const hidden = secrets.includes(name) || name === about || value.length >= SHORTEST_INSIDE_WORDS;
        return hidden ? writtenForms(value).map((form): [string, string] => [form, name]) : [];
      }),
    );
    const masked =
      forms.size === 0 ? text : text.replaceAll(anyOf([...forms.keys()]), (form) => `$${forms.get(form)}`);
    return masked.length > LONGEST_TEXT ? `${masked.slice(0, LONGEST_TEXT)}…` : masked;
  };
}

/** As it is, without its margins, as it stands within JSON, and as it stands within a URL. */
function writtenForms(value: string): readonly string[] {
  const trimmed = value.trim();
  const forms = [
    value,
    trimmed,
    JSON.stringify(trimmed).slice(1, -1),
    encodeURIComponent(trimmed.toWellFormed()),
  ];
  return forms.filter((form) => form !== "");
}

/** The longest first, so that a value that begins with another one is found as a whole. */
function anyOf(forms: readonly string[]): RegExp {
  const patterns = forms
    .toSorted((a, b) => b.length - a.length)
    .map((form) => {
      const literal = form.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
      return form.length < SHORTEST_INSIDE_WORDS ? String.raw`(?<!\w)${literal}(?!\w)` : literal;
    });
  return new RegExp(patterns.join("|"), "g");
}
