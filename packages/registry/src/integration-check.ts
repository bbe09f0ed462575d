import { API_VERSION, otherVersion } from "./api-version.ts";
import { IntegrationError } from "./errors.ts";
import type { Integration } from "./integration.ts";
import { isTypeName, TYPE_NAME_RULE } from "./type-name.ts";

type Fields = Readonly<Record<string, unknown>>;

/** A record, so that a new property cannot be forgotten here. */
const PROPERTIES: Readonly<Record<keyof Integration, true>> = {
  type: true,
  apiVersion: true,
  packageName: true,
  description: true,
  environment: true,
  config: true,
  metadata: true,
  dispatcher: true,
  setup: true,
};

/** No dispatcher at all, and what stands beside the types in the paths of a server's API. */
const RESERVED_TYPE = /^(none|state|webhooks|git-auto-commit|notifications|destinations|events)$/;

/**
 * Refuses what the types forbid, for authors without types and exports that are missing; names every problem at once.
 * @throws IntegrationError INTEGRATION_INVALID, INTEGRATION_API_VERSION
 */
export function assertIntegration(integration: unknown): void {
  if (!isFields(integration)) {
    throw invalidIntegration(
      kindOf(integration),
      "It is not an object. Pass what defineIntegration returns, and check the name of its export.",
    );
  }
  const { type, apiVersion } = integration;
  if (apiVersion !== API_VERSION) throw otherVersion(type, apiVersion);
  const problems = [
    ...typeProblems(type),
    ...propertyProblems(integration),
    ...dispatcherProblems(integration["dispatcher"]),
    ...schemaProblems("config", integration["config"]),
    ...functionProblems("setup", integration["setup"]),
    ...metadataProblems(integration["metadata"]),
    ...environmentProblems(integration["environment"]),
  ];
  if (problems.length > 0) throw invalidIntegration(type, problems.join(" "));
}

/**
 * Refuses an instance that cannot do what its integration declares.
 * @throws IntegrationError INTEGRATION_INVALID
 */
export function assertInstance({ type, dispatcher }: Integration, instance: unknown): void {
  if (!isFields(instance)) {
    throw invalidIntegration(type, "Its instance is not an object. Return one from setup.");
  }
  if (dispatcher !== undefined && instance["deliver"] === undefined) {
    throw invalidIntegration(
      type,
      "It declares a dispatcher, but its instance has no deliver. Return deliver from setup, or leave the dispatcher out.",
    );
  }
  const { hooks = [] } = instance;
  const methods = ["deliver", "reconcile", "stream", "resolveDisplayNames"];
  const problems = methods.flatMap((name) => functionProblems(name, instance[name]));
  if (!Array.isArray(hooks)) problems.push("hooks is not a list. Write a list, or leave it out.");
  if (problems.length > 0) throw invalidIntegration(type, problems.join(" "));
}

/**
 * Refuses a hook that nothing could be told to. Which events exist is only known to the types.
 * @throws IntegrationError INTEGRATION_INVALID
 */
export function assertHook(type: string, hook: unknown): void {
  const { event, listener } = isFields(hook) ? hook : {};
  if (typeof event === "string" && typeof listener === "function") return;
  throw invalidIntegration(
    type,
    `The listener of its hook "${String(event)}" is not a function. Write { event: "…", listener: (call) => … }.`,
  );
}

/** The error of an integration that states something impossible. */
export function invalidIntegration(type: unknown, problem: string): IntegrationError {
  return new IntegrationError({
    code: "INTEGRATION_INVALID",
    message: `Integration "${String(type)}" cannot be used: ${problem}`,
    details: { type },
  });
}

/** What stands in the place of an integration, as its name in the message. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "list";
  return value === null ? "null" : typeof value;
}

function typeProblems(type: unknown): string[] {
  if (!isTypeName(type)) return [`This type is not allowed. ${TYPE_NAME_RULE}`];
  return RESERVED_TYPE.test(type as string) ? ["This type is reserved. Choose another one."] : [];
}

function propertyProblems(integration: Fields): string[] {
  return Object.keys(integration)
    .filter((key) => !Object.hasOwn(PROPERTIES, key))
    .map(
      (key) =>
        `"${key}" is no property of an integration. Remove it, or correct its spelling: there are ${Object.keys(PROPERTIES).join(", ")}.`,
    );
}

function dispatcherProblems(dispatcher: unknown = {}): string[] {
  if (!isFields(dispatcher)) return [notAnObject("dispatcher")];
  return [
    ...schemaProblems("dispatcher.target", dispatcher["target"]),
    ...schemaProblems("dispatcher.storedTarget", dispatcher["storedTarget"]),
    ...functionProblems("dispatcher.orderKey", dispatcher["orderKey"]),
    ...functionProblems("dispatcher.streamsTo", dispatcher["streamsTo"]),
  ];
}

function metadataProblems(metadata: unknown = {}): string[] {
  if (!isFields(metadata)) return [notAnObject("metadata")];
  const { clientIdPrefix: prefix = "-" } = metadata;
  if (prefix === "") return ['Its clientIdPrefix is empty. Leave it out or write one such as "hello:".'];
  if (typeof prefix === "string") return [];
  return ['metadata.clientIdPrefix is not a text. Leave it out or write one such as "hello:".'];
}

function environmentProblems(environment: unknown = {}): string[] {
  if (!isFields(environment)) return [notAnObject("environment")];
  const { required = [], optional = [], secret = [] } = environment;
  const lists = Object.entries({ required, optional, secret });
  const known = [required, optional].flat();
  return lists.flatMap(([list, names]) => {
    if (!Array.isArray(names)) return [`environment.${list} is not a list. Write a list of names.`];
    const listed = names.map((name: unknown) => String(name));
    return listed.flatMap((name) =>
      nameProblems(`environment.${list}`, name, list !== "secret" || known.includes(name)),
    );
  });
}

function nameProblems(place: string, name: string, known: boolean): string[] {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    return [
      `${place} names "${name}", which is not a plain name of a variable. Write one such as HELLO_TOKEN.`,
    ];
  }
  if (known) return [];
  return [`${place} names "${name}", which is neither required nor optional. Add it to one of these lists.`];
}

function schemaProblems(place: string, schema: unknown): string[] {
  if (schema === undefined || isStandardSchema(schema)) return [];
  return [`${place} is not a Standard Schema. Write one with Zod, Valibot, ArkType or the like.`];
}

/** ArkType's schemas are functions. */
function isStandardSchema(schema: unknown): boolean {
  if (!isFields(schema) && typeof schema !== "function") return false;
  const standard: unknown = Reflect.get(schema, "~standard");
  return isFields(standard) && typeof standard["validate"] === "function";
}

function functionProblems(place: string, value: unknown): string[] {
  if (value === undefined || typeof value === "function") return [];
  return [`${place} is not a function. Write a function, or leave it out.`];
}

function notAnObject(place: string): string {
  return `${place} is not an object. Write an object, or leave it out.`;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
