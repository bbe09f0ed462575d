/** Whether a text can be the id of a task; Postgres refuses a query for anything else. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}

/** Before all ids that anything has. */
export const FIRST_ID = "00000000-0000-0000-0000-000000000000";
