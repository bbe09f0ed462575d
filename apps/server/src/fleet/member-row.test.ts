import { randomUUID } from "node:crypto";
import type { Kysely } from "kysely";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { FleetFixture } from "../testing/fleet-fixture.ts";
import { createFleetFixture } from "../testing/fleet-fixture.ts";
import type { Member } from "./member-row.ts";
import { enterFleet } from "./member-row.ts";
import { fleetDb } from "./tables.ts";

let fleet: FleetFixture;
beforeAll(async () => {
  fleet = await createFleetFixture();
});
afterEach(() => fleet.reset());
afterAll(() => fleet.close());

function memberWith(key: string): Member {
  return {
    id: randomUUID(),
    boot_id: randomUUID(),
    api_key_fingerprint: key,
    signing_secret_fingerprint: "same",
    encryption_key_fingerprint: "same",
  };
}

test("of many that enter together, all that come up have the keys of the first", async () => {
  const [one, two] = await Promise.all([fleet.connect(), fleet.connect()]);
  for (let round = 0; round < 25; round += 1) {
    const entering = Array.from({ length: 8 }, (_, n) =>
      enterFleet(fleetDb(n % 2 === 0 ? one : two), memberWith(`key ${n % 2}`)),
    );
    const refusals = (await Promise.all(entering)).filter((rival) => rival !== null);
    expect(refusals).toHaveLength(4);
    const keys = await fleet.db.selectFrom("fleet_member").select("api_key_fingerprint").execute();
    expect(new Set(keys.map((row) => row.api_key_fingerprint)).size).toBe(1);
    await fleet.db.deleteFrom("fleet_member").execute();
  }
});

test("a server that freezes in the midst of entering does not hold up the others", async () => {
  const freezing = await fleet.connect();
  const frozen = Promise.withResolvers<void>();
  const thaw = Promise.withResolvers<void>();
  const kysely = freezesAtSecondAnswer(freezing.kysely, frozen.resolve, thaw.promise);
  const entering = enterFleet(fleetDb({ ...freezing, kysely }), memberWith("frozen"));
  await frozen.promise;

  expect(await enterFleet(fleet.db, memberWith("other"))).toBeNull();
  thaw.resolve();
  await expect(entering).rejects.toBeInstanceOf(Error);
  expect(await fleet.living()).toHaveLength(1);
});

/** The second answer is the one that gives the turn. */
function freezesAtSecondAnswer(
  kysely: Kysely<unknown>,
  onFrozen: () => void,
  thaw: Promise<void>,
): Kysely<unknown> {
  let answers = 0;
  return kysely.withPlugin({
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      answers += 1;
      if (answers === 2) {
        onFrozen();
        await thaw;
      }
      return result;
    },
  });
}
