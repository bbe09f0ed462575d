import { expect, test } from "vitest";
import type { Fingerprints } from "./fingerprints.ts";
import type { Rival } from "./rival.ts";
import { conflictMessage, differingKeys, refusalMessage } from "./rival.ts";

const ours: Fingerprints = {
  api_key_fingerprint: "a",
  signing_secret_fingerprint: "b",
  encryption_key_fingerprint: "c",
};

function rivalWith(other: Partial<Fingerprints>): Rival {
  return {
    id: "other-id",
    host: "host-a",
    pid: 4711,
    startedAt: new Date("2026-01-02T03:04:05Z"),
    lastSeenAt: new Date("2026-01-02T06:07:08Z"),
    differing: differingKeys(ours, { ...ours, ...other }),
  };
}

test("a refusal names the one key that differs, who has it, and what to do", () => {
  expect(refusalMessage(rivalWith({ signing_secret_fingerprint: "x" }), 15_000)).toBe(
    "Another server works on this database with another SIGNING_SECRET: process 4711 on host-a, " +
      "started 2026-01-02T03:04:05.000Z, last seen 2026-01-02T06:07:08.000Z. " +
      "Servers on one database share their keys. Set SIGNING_SECRET here to what that server has: " +
      "in its environment, otherwise in its data folder (signing-secret). " +
      "If that server is gone, start this one again after 15 seconds.",
  );
});

test("a refusal lists all the keys that differ", () => {
  const rival = rivalWith({
    api_key_fingerprint: "x",
    signing_secret_fingerprint: "y",
    encryption_key_fingerprint: "z",
  });
  expect(refusalMessage(rival, 15_000)).toContain(
    "Set API_KEY, SIGNING_SECRET and ENCRYPTION_KEY here to what that server has: " +
      "in its environment, otherwise in its data folder (api-key, signing-secret and encryption-key).",
  );
});

test("a conflict tells why the other could start", () => {
  const rival = rivalWith({ api_key_fingerprint: "x", encryption_key_fingerprint: "z" });
  expect(conflictMessage(rival, "own-id")).toMatch(
    /^Another server .* with another API_KEY and ENCRYPTION_KEY, so this one has to stop: process 4711 on host-a, .*; it could start because the database had not heard of this server for too long\. .* Set API_KEY and ENCRYPTION_KEY here /,
  );
  expect(conflictMessage(rival, "other-id")).toContain("one data folder is a copy of the other");
});
