/**
 * The part of the Standard Schema interface (https://standardschema.dev, version 1) that the contract needs.
 * Zod, Valibot, ArkType and others implement it, so an integration may use any of them.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** One problem of one field, in the form that errors and HTTP answers show: `field` is a dotted path, `""` for the whole value. */
export interface FieldIssue {
  readonly field: string;
  readonly message: string;
}

/** Writes an issue's path as `a.b.0`. */
export function fieldIssue(issue: SchemaIssue): FieldIssue {
  return { field: pathOf(issue).join("."), message: issue.message };
}

/** Writes all issues of a result; one that lists unknown fields as `keys`, as Zod's do, becomes one for each field. */
export function fieldIssues(issues: readonly SchemaIssue[]): FieldIssue[] {
  return issues.flatMap((issue) =>
    "keys" in issue && isNames(issue.keys)
      ? issue.keys.map((key) => unknownField([...pathOf(issue), key]))
      : [fieldIssue(issue)],
  );
}

function pathOf({ path = [] }: SchemaIssue): string[] {
  return path.map((step) => String(typeof step === "object" ? step.key : step));
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === "string");
}

function unknownField(path: readonly string[]): FieldIssue {
  return { field: path.join("."), message: "Unknown field. Remove it, or correct its spelling." };
}
