import { secretIssues } from "@core/registry";
import type { FieldIssue, SchemaIssue, SchemaResult, StandardSchema } from "@core/registry";
import type { AddressGuard } from "./address-guard.ts";

/** Where a webhook delivery goes. */
export interface WebhookTarget {
  readonly url: string;
}

/** Reads a webhook target when it is written: one public http or https URL, and nothing else. */
export function webhookTargetSchema(guard: AddressGuard): StandardSchema<unknown, WebhookTarget> {
  return {
    "~standard": { version: 1, vendor: "core", validate: (value) => readTarget(value, guard) },
  };
}

function readTarget(value: unknown, guard: AddressGuard): SchemaResult<WebhookTarget> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return {
      issues: [{ message: 'A webhook target is an object such as {"url": "https://example.com/hook"}.' }],
    };
  }
  const secrets = secretIssues(value);
  const url: unknown = "url" in value ? value.url : undefined;
  const issues = [
    ...secrets.map((issue) => schemaIssue(issue)),
    ...unknownFields(value, secrets),
    ...(secrets.some(({ field }) => field === "url") ? [] : urlIssues(url, guard)),
  ];
  return issues.length === 0 && typeof url === "string" ? { value: { url } } : { issues };
}

function unknownFields(value: object, known: readonly FieldIssue[]): SchemaIssue[] {
  return Object.keys(value)
    .filter((field) => field !== "url" && !known.some((issue) => issue.field.split(".")[0] === field))
    .map((field) => ({
      message: `A webhook target has no field "${field}". Remove it; the only field is "url".`,
      path: [field],
    }));
}

function urlIssues(url: unknown, guard: AddressGuard): SchemaIssue[] {
  if (url === undefined)
    return [{ message: 'The field "url" is missing. Add the http or https URL to post to.', path: ["url"] }];
  if (typeof url !== "string")
    return [{ message: 'The field "url" is not a string. Write the URL to post to.', path: ["url"] }];
  const message = guard.literalIssue(url);
  return message === null ? [] : [{ message, path: ["url"] }];
}

function schemaIssue({ field, message }: FieldIssue): SchemaIssue {
  return { message, path: field.split(".") };
}
