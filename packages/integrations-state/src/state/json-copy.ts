/** A deep copy of what JSON can hold, many times faster than `structuredClone`. */
export function copyJson<Value>(value: Value): Value {
  return copied(value) as Value;
}

/** Makes what JSON can hold unchangeable, if it is not so already. */
export function freezeJson<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.values(value).forEach(freezeJson);
  return Object.freeze(value);
}

/** Whether something is the same as a value that came from JSON, whatever the order of its fields. */
export function isSameJson(json: unknown, other: unknown): boolean {
  if (json === other) return true;
  if (typeof json !== "object" || typeof other !== "object" || json === null || other === null) return false;
  if (Array.isArray(json) !== Array.isArray(other)) return false;
  const keys = Object.keys(json);
  if (keys.length !== Object.keys(other).length) return false;
  for (const key of keys) {
    // What is missing there is undefined, which JSON never holds.
    const one: unknown = json[key as keyof typeof json];
    const two: unknown = other[key as keyof typeof other];
    if (one !== two && !isSameJson(one, two)) return false;
  }
  return true;
}

function copied(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copied);
  const copy: Record<string, unknown> = { ...value };
  for (const key in copy) if (typeof copy[key] === "object") copy[key] = copied(copy[key]);
  return copy;
}
