/**
 * True when the same write would be refused for ever: its data is bad (SQLSTATE class 22), breaks a rule (23) or is
 * too large (54), or our own code fails on it before the database sees it.
 */
export function isRefusal(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError || /^(22|23|54)/.test(sqlStateOf(error));
}

/** True when the database asks to try the whole again: a deadlock, or transactions that could not be ordered. */
export function isCollision(error: unknown): boolean {
  return ["40001", "40P01"].includes(sqlStateOf(error));
}

/**
 * True when the database itself is in trouble, and the same may succeed later: the connection (SQLSTATE class 08), a
 * collision (40), its resources (53), a lock (55), somebody's hand (57), its disk (58), or it may only be read.
 */
export function isTrouble(error: unknown): boolean {
  return /^(08|40|53|55|57|58|25006)/.test(sqlStateOf(error));
}

/** True when somebody else has what must be unique. */
export function isDuplicate(error: unknown): boolean {
  return sqlStateOf(error) === "23505";
}

function sqlStateOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) ? code : "";
}
