import type { Database } from "@core/database";

/** A view of a database that can be told to break, as a network does. */
export interface FaultyDatabase {
  readonly database: Database;
  /** From now on queries fail at once. */
  fail(): void;
  /** From now on queries get no answer; those that wait fail when another mode is chosen. */
  hang(): void;
  /** From now on queries are run, and their answers are lost. */
  lose(): void;
  work(): void;
}

export function createFaultyDatabase(inner: Database): FaultyDatabase {
  let mode: "works" | "fails" | "hangs" | "loses" = "works";
  let release = Promise.withResolvers<never>();
  const change = (next: typeof mode): void => {
    mode = next;
    release.promise.catch(() => {});
    release.reject(lost());
    release = Promise.withResolvers<never>();
  };
  const kysely = inner.kysely.withPlugin({
    transformQuery({ node }) {
      if (mode === "fails") throw lost();
      return node;
    },
    transformResult: ({ result }) => (mode === "hangs" ? release.promise : Promise.resolve(result)),
  });
  // Statements that are text already do not pass through plugins.
  const executeQuery: typeof kysely.executeQuery = async (...query) => {
    if (mode === "fails") throw lost();
    if (mode === "hangs") return release.promise;
    const answer = await inner.kysely.executeQuery(...query);
    if (mode === "loses") throw lost();
    return answer;
  };
  return {
    database: { ...inner, kysely: Object.assign(kysely, { executeQuery }) },
    fail: () => change("fails"),
    hang: () => change("hangs"),
    lose: () => change("loses"),
    work: () => change("works"),
  };
}

function lost(): Error {
  return new Error("The connection is lost.");
}
