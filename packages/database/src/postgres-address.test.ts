import { expect, test } from "vitest";
import { connectError, describeAddress, parsePostgresUrl } from "./postgres-address.ts";

test.each([
  ["postgres://user:s3cret@db.example:6432/app", "db.example:6432/app"],
  ["postgresql://db.example/app", "db.example:5432/app"],
  ["postgres:///app?host=/run/postgresql", "/run/postgresql:5432/app"],
  ["postgres://user@localhost", "localhost:5432"],
  ["postgres://user:12/s3cret@host/app", "user:12"],
])("%s is described without its secrets", (url, address) => {
  expect(describeAddress(url)).toBe(address);
});

test.each(["", "not a url", "mysql://u:s3cret@h/d", "postgres://user:s3#cret@host:x/app"])(
  "%j is refused without being repeated",
  (url) => {
    expect(() => parsePostgresUrl(url)).toThrow(
      expect.objectContaining({ code: "DATABASE_UNREACHABLE", message: expect.not.stringContaining("s3") }),
    );
  },
);

test("a refused connection may be tried again, a wrong password not", () => {
  const refused = Object.assign(new Error(""), { code: "ECONNREFUSED" });
  const wrongPassword = Object.assign(new Error("password authentication failed"), { code: "28P01" });
  expect(connectError("postgres://localhost/app", refused)).toMatchObject({
    retryable: true,
    message: expect.stringContaining("localhost:5432/app cannot be reached: ECONNREFUSED"),
  });
  expect(connectError("postgres://localhost/app", wrongPassword)).toMatchObject({ retryable: false });
});

test("a pool without a free connection is busy, not unreachable", () => {
  const timeout = new Error("timeout exceeded when trying to connect");
  expect(connectError("postgres://localhost/app", timeout)).toMatchObject({
    code: "DATABASE_BUSY",
    retryable: true,
  });
});
