import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { FleetFixture } from "../testing/fleet-fixture.ts";
import { createFleetFixture, keys, otherKeys, refusalOf } from "../testing/fleet-fixture.ts";

let fleet: FleetFixture;
beforeAll(async () => {
  fleet = await createFleetFixture();
});
afterEach(() => fleet.reset());
afterAll(() => fleet.close());

describe("the heartbeat", () => {
  test("keeps a server alive and says since when", async () => {
    const { beat, warn } = await fleet.join("a", keys);
    const since = fleet.db.selectFrom("fleet_member").select("started_at");
    const started = await since.execute();
    await fleet.age("a", "10 seconds");
    await beat();
    await fleet.age("a", "10 seconds");
    expect(await fleet.living()).toEqual(["a"]);
    expect(await since.execute()).toEqual(started);
    expect(warn).not.toHaveBeenCalled();
  });

  test("brings a server back that was silent while nobody came", async () => {
    const { beat, onConflict } = await fleet.join("a", keys);
    await fleet.age("a", "1 minute");
    await beat();
    expect(await fleet.living()).toEqual(["a"]);

    await fleet.db.deleteFrom("fleet_member").execute();
    await beat();
    expect(await fleet.living()).toEqual(["a"]);
    expect(onConflict).not.toHaveBeenCalled();
  });

  test("tells a server that hung while one with other keys started that it has to stop", async () => {
    const hung = await fleet.join("a", keys);
    await fleet.age("a", "15 seconds");
    const started = await fleet.join("b", { ...keys, apiKey: otherKeys.apiKey });
    await hung.beat();
    await started.beat();

    expect(hung.onConflict).toHaveBeenCalledTimes(1);
    const message = String(hung.onConflict.mock.lastCall?.[0]);
    expect(message).toMatch(/with another API_KEY, so this one has to stop: .* had not heard of this server/);
    expect(hung.error).toHaveBeenCalledWith(expect.objectContaining({ rival_pid: process.pid }), message);
    expect(hung.clock.waits()).toEqual([]);
    expect(started.onConflict).not.toHaveBeenCalled();
    expect(await fleet.living()).toEqual(["b"]);

    await hung.leave();
    expect(await fleet.living()).toEqual(["b"]);
  });

  test("tells a server when a copy of its data folder has started with other keys", async () => {
    const first = await fleet.join("a", keys);
    await fleet.join("a", otherKeys);
    await first.beat();
    expect(first.onConflict).toHaveBeenCalledExactlyOnceWith(
      expect.stringContaining("one data folder is a copy of the other"),
    );
  });

  test("takes a server's row back from a copy of its data folder that has gone", async () => {
    const { beat, onConflict } = await fleet.join("a", keys);
    const copy = await fleet.join("a", otherKeys);
    await copy.leave();
    await beat();
    expect(onConflict).not.toHaveBeenCalled();
    await refusalOf(fleet.join("b", otherKeys));
    await fleet.join("b", keys);
    expect(await fleet.living()).toEqual(["a", "b"]);
  });

  test("goes on when the database fails for a while", async () => {
    const { beat, warn, onConflict } = await fleet.join("a", keys);
    await fleet.db.schema.alterTable("fleet_member").renameTo("lost").execute();
    await beat();
    await beat();
    await fleet.db.schema.alterTable("lost").renameTo("fleet_member").execute();
    await fleet.age("a", "1 minute");
    await beat();

    expect(warn).toHaveBeenCalledTimes(1);
    expect(onConflict).not.toHaveBeenCalled();
    expect(await fleet.living()).toEqual(["a"]);
  });
});
