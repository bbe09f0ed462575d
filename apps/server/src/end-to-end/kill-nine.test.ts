import { testEngines } from "@core/database/testing";
import { afterEach, describe, expect, it } from "vitest";
import { killMoments, runKillRounds } from "../testing/kill-rounds.ts";
import type { ServerDatabase } from "../testing/server-database.ts";
import { createServerDatabase } from "../testing/server-database.ts";

const ROUNDS = 2;
const databases: ServerDatabase[] = [];

afterEach(async () => {
  for (const database of databases.splice(0)) await database.dispose();
});

describe.each(testEngines)("kill -9 of the server on %s", (engine) => {
  it.each(killMoments)(
    "loses no accepted task when it comes at the moment: %s",
    { timeout: 120_000 },
    async (moment) => {
      const database = await createServerDatabase(engine);
      databases.push(database);
      const report = await runKillRounds({ moment, rounds: ROUNDS, env: database.env, random: Math.random });
      expect(report.faults).toEqual([]);
      expect(report).toMatchObject({ kills: ROUNDS, delivered: report.accepted });
    },
  );
});
