import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { FleetFixture } from "../testing/fleet-fixture.ts";
import { createFleetFixture } from "../testing/fleet-fixture.ts";
import { fingerprintsOf } from "./fingerprints.ts";

let fleet: FleetFixture;
beforeAll(async () => {
  fleet = await createFleetFixture();
});
afterEach(() => fleet.reset());
afterAll(() => fleet.close());

const keys = { apiKey: "one", signingSecret: "two", encryptionKey: "three" };

test("servers that make the first fingerprints of a database together agree", async () => {
  const all = await Promise.all(Array.from({ length: 4 }, () => fingerprintsOf(keys, fleet.db)));
  expect(new Set(all.map((one) => JSON.stringify(one))).size).toBe(1);
  expect(await fleet.db.selectFrom("fleet_salt").selectAll().execute()).toHaveLength(1);
});

test("fingerprints of another database tell nothing of the keys here", async () => {
  const here = await fingerprintsOf(keys, fleet.db);
  await fleet.db.deleteFrom("fleet_salt").execute();
  const elsewhere = await fingerprintsOf(keys, fleet.db);
  expect(elsewhere.api_key_fingerprint).not.toBe(here.api_key_fingerprint);
});

test("a changed key changes its own fingerprint only, and equal keys have different ones", async () => {
  const one = await fingerprintsOf(keys, fleet.db);
  const other = await fingerprintsOf({ ...keys, signingSecret: "one" }, fleet.db);
  expect(other).toEqual({ ...one, signing_secret_fingerprint: other.signing_secret_fingerprint });
  expect(other.signing_secret_fingerprint).not.toBe(one.signing_secret_fingerprint);
  expect(other.signing_secret_fingerprint).not.toBe(other.api_key_fingerprint);
});
