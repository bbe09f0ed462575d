import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { StartError } from "../start-error.ts";
import type { FleetFixture } from "../testing/fleet-fixture.ts";
import { createFleetFixture, keys, otherKeys, refusalOf } from "../testing/fleet-fixture.ts";

let fleet: FleetFixture;
beforeAll(async () => {
  fleet = await createFleetFixture();
});
afterEach(() => fleet.reset());
afterAll(() => fleet.close());

describe("a start", () => {
  test("servers with the same keys live side by side", async () => {
    await Promise.all(["a", "b", "c"].map((id) => fleet.join(id, keys)));
    expect(await fleet.living()).toEqual(["a", "b", "c"]);
  });

  test("a server with other keys is refused and told what to set, and sees no secret", async () => {
    await fleet.join("a", keys);
    const mixed = { ...otherKeys, encryptionKey: keys.encryptionKey };
    const message = await refusalOf(fleet.join("b", mixed));

    expect(message).toContain("Set API_KEY and SIGNING_SECRET here to what that server has");
    expect(message).toContain("otherwise in its data folder (api-key and signing-secret)");
    expect(message).toContain(`process ${process.pid} on `);
    expect(message).toContain("start this one again after 15 seconds");
    expect(message).not.toContain("ENCRYPTION_KEY");
    const row = await fleet.db.selectFrom("fleet_member").selectAll().executeTakeFirstOrThrow();
    const fingerprints = [
      row.api_key_fingerprint,
      row.signing_secret_fingerprint,
      row.encryption_key_fingerprint,
    ];
    for (const secret of [...Object.values(keys), ...Object.values(otherKeys), ...fingerprints]) {
      expect(message).not.toContain(secret);
    }
    expect(await fleet.living()).toEqual(["a"]);
  });

  test("of two servers that start together with other keys, exactly one comes up", async () => {
    const joined = await Promise.allSettled([fleet.join("a", keys), fleet.join("b", otherKeys)]);
    const refused = joined.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
    expect(refused).toEqual([expect.any(StartError)]);
    expect(await fleet.living()).toHaveLength(1);
  });

  test("a server that starts again on its data folder comes up at once, whatever its keys", async () => {
    await fleet.join("a", keys);
    await fleet.join("a", otherKeys);
    expect(await fleet.living()).toEqual(["a"]);
    expect(await refusalOf(fleet.join("b", keys))).toContain("API_KEY, SIGNING_SECRET and ENCRYPTION_KEY");
  });

  test("a server that starts again with other keys is refused while a third one lives", async () => {
    await fleet.join("a", keys);
    await fleet.join("b", keys);
    await refusalOf(fleet.join("a", otherKeys));
    expect(await fleet.living()).toEqual(["a", "b"]);
  });

  test("a server that has been silent for 15 seconds holds nobody up", async () => {
    await fleet.join("a", keys);
    await fleet.age("a", "10 seconds");
    await refusalOf(fleet.join("b", otherKeys));
    await fleet.age("a", "5 seconds");
    await fleet.join("b", otherKeys);
    expect(await fleet.living()).toEqual(["b"]);
  });

  test("servers that have been dead for a week are forgotten", async () => {
    await fleet.join("week", keys);
    await fleet.join("days", keys);
    await fleet.age("week", "7 days 16 seconds");
    await fleet.age("days", "6 days");
    await fleet.join("new", keys);
    const rows = await fleet.db.selectFrom("fleet_member").select("id").orderBy("id").execute();
    expect(rows).toEqual([{ id: "days" }, { id: "new" }]);
  });
});

describe("leaving", () => {
  test("frees the place at once", async () => {
    const first = await fleet.join("a", keys);
    await Promise.all([first.leave(), first.leave()]);
    expect(await fleet.living()).toEqual([]);
    expect(first.clock.waits()).toEqual([]);
    await fleet.join("b", otherKeys);
    expect(await fleet.living()).toEqual(["b"]);
  });

  test("does not end the next life of the same server", async () => {
    const former = await fleet.join("a", keys);
    await fleet.join("a", keys);
    await former.leave();
    expect(await fleet.living()).toEqual(["a"]);
  });

  test("a database that is away does not make it fail", async () => {
    const { database, leave, warn } = await fleet.join("a", keys);
    await database.close();
    await leave();
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      { err: expect.objectContaining({ code: "DATABASE_CLOSED" }) },
      expect.stringContaining("they notice after 15 seconds"),
    );
  });

  test("a database that does not answer holds it up for two seconds at most", async () => {
    const { clock, leave, warn } = await fleet.join("a", keys);
    await fleet.db.transaction().execute(async (trx) => {
      await trx.selectFrom("fleet_member").select("id").forUpdate().execute();
      const left = leave();
      await clock.elapse(2_000);
      await left;
    });
    expect(warn).toHaveBeenCalledTimes(1);
  });
});
