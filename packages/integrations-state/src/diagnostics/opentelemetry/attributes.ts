import type { JsonObject, JsonValue } from "@core/registry";
import type { Attributes, AttributeValue } from "@opentelemetry/api";

/** JSON as attributes: what is null is left out, and what OpenTelemetry has no form for is written as JSON. */
export function attributesOf(object: JsonObject): Attributes {
  const given = Object.entries(object).flatMap(([name, value]) =>
    value === null || value === undefined ? [] : [[name, attributeOf(value)] as const],
  );
  return Object.fromEntries(given);
}

function attributeOf(value: Exclude<JsonValue, null>): AttributeValue {
  if (typeof value !== "object") return value;
  return isTexts(value) ? [...value] : JSON.stringify(value);
}

function isTexts(value: JsonValue): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}
