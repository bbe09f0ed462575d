import type { Database } from "@core/database";

/** A view of a database that can be told to break, as a network does. */
export interface FaultyDatabase {
  readonly database: Database;
  /** `hanging` queries are answered never, `failing` ones at once. */
  mode: "working" | "failing" | "hanging";
}

export function createFaultyDatabase(inner: Database): FaultyDatabase {
  const faulty: FaultyDatabase = {
    mode: "working",
    database: {
      ...inner,
      kysely: inner.kysely.withPlugin({
        transformQuery({ node }) {
          if (faulty.mode === "failing") throw new Error("The connection is lost.");
          return node;
        },
        transformResult: ({ result }) =>
          faulty.mode === "hanging" ? new Promise(() => {}) : Promise.resolve(result),
      }),
    },
  };
  return faulty;
}
