import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addressTable, urlTricks } from "../test/address-table.ts";
import { createAddressGuard } from "./address-guard.ts";
import type { Lookup } from "./address-guard.ts";

const publicLookup: Lookup = async () => [{ address: "8.8.8.8", family: 4 }];
const guard = createAddressGuard({ lookup: publicLookup });

describe("an address is judged by what it means, not by how it is written", () => {
  test("the table has more than eighty rows", () => expect(addressTable.length).toBeGreaterThan(80));

  test.each(addressTable.filter(([, use]) => use !== null))("%s is refused: %s", async (host, use) => {
    expect(guard.literalIssue(`http://${host}:8080/hook`)).toContain(`is a ${use} address`);
    await expect(guard.checkUrl(`http://${host}/`)).rejects.toMatchObject({
      code: "OUTBOUND_ADDRESS_REFUSED",
      details: { reason: use, sent: "no" },
    });
    await expect(guard.checkHost(host)).rejects.toMatchObject({ details: { reason: use } });
  });

  test.each(addressTable.filter(([, use]) => use === null))("%s is allowed", async (host) => {
    expect(guard.literalIssue(`https://${host}/hook`)).toBeNull();
    await expect(guard.checkUrl(`https://${host}/`)).resolves.toHaveLength(1);
  });

  test.each(urlTricks)("%j is refused", async (url, word) => {
    expect(guard.literalIssue(url)).toContain(word);
    await expect(guard.checkUrl(url)).rejects.toThrow(word);
  });

  test("any spelling of an IPv4 address is judged like its dotted one", () => {
    fc.assert(
      fc.property(fc.nat(0xff_ff_ff_ff), (bits) => {
        const bytes = [bits >>> 24, (bits >>> 16) & 255, (bits >>> 8) & 255, bits & 255];
        const dotted = bytes.join(".");
        const hex = `0x${bits.toString(16)}`;
        const octal = bytes.map((byte) => `0${byte.toString(8)}`).join(".");
        const issues = [hex, octal, String(bits), `[::ffff:${dotted}]`].map((host) =>
          guard.literalIssue(`http://${host}/`),
        );
        const isRefused = guard.refusal(dotted) !== null;
        expect(issues.map((issue) => issue !== null)).toEqual([isRefused, isRefused, isRefused, isRefused]);
      }),
    );
  });

  test("no IPv6 address outside 2000::/3 is allowed unless it is a mapped IPv4 one", () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const first = Number.parseInt(address.split(":")[0] || "0", 16);
        const isGlobal = first >= 0x20_00 && first <= 0x3f_ff;
        const isMapped = new URL(`http://[${address}]`).hostname.startsWith("[::ffff:");
        expect(isGlobal || isMapped || guard.refusal(address) !== null).toBe(true);
      }),
    );
  });
});

describe("a host alone", () => {
  test.each(["example.com/path", "example.com:80", "user@127.0.0.1", "[::1]:80", "::1%lo", "", "a b"])(
    "%j is no host",
    async (host) => {
      await expect(guard.checkHost(host)).rejects.toMatchObject({ code: "OUTBOUND_URL_INVALID" });
    },
  );

  test("an IPv6 address may come without brackets", async () => {
    await expect(guard.checkHost("::1")).rejects.toMatchObject({ details: { reason: "loopback" } });
    await expect(guard.checkHost("2606:4700:4700::1111")).resolves.toEqual([
      { address: "2606:4700:4700::1111", family: 6 },
    ]);
  });
});

describe("a name", () => {
  test("is refused when any one of its addresses is", async () => {
    const mixed = createAddressGuard({
      lookup: async () => [
        { address: "8.8.8.8", family: 4 },
        { address: "10.0.0.7", family: 4 },
      ],
    });
    await expect(mixed.checkHost("mixed.test")).rejects.toThrow(
      "mixed.test resolves to 10.0.0.7, which is a private address and is refused. Use a public address; the operator can allow it by CIDR.",
    );
  });

  test.each(["fe80::1%2", "not an address", ""])("that resolves to %j is refused", async (address) => {
    const odd = createAddressGuard({ lookup: async () => [{ address, family: 6 }] });
    await expect(odd.checkHost("odd.test")).rejects.toMatchObject({ details: { reason: "unreadable" } });
  });

  test("that resolves to a mapped private address is refused", async () => {
    const mapped = createAddressGuard({ lookup: async () => [{ address: "::ffff:10.0.0.1", family: 6 }] });
    await expect(mapped.checkHost("mapped.test")).rejects.toMatchObject({ details: { reason: "private" } });
  });

  test("without any address is a network error that sent nothing", async () => {
    const empty = createAddressGuard({ lookup: async () => [] });
    await expect(empty.checkHost("empty.test")).rejects.toMatchObject({
      code: "OUTBOUND_NETWORK",
      retryable: false,
      details: { network_code: "ENODATA", sent: "no" },
    });
  });

  test("whose server is busy is a network error that may be tried again", async () => {
    const failing = createAddressGuard({
      lookup: () => Promise.reject(Object.assign(new Error("try again"), { code: "EAI_AGAIN" })),
    });
    await expect(failing.checkHost("busy.test")).rejects.toMatchObject({
      code: "OUTBOUND_NETWORK",
      retryable: true,
    });
  });
});

test("an address that carries IPv4 is judged by its kind, however DNS writes it", () => {
  expect(guard.refusal("::8.8.8.8")).toBe("IPv4-compatible");
  expect(guard.refusal("::ffff:0:8.8.8.8")).toBe("IPv4-translated");
  expect(guard.refusal("::ffff:8.8.8.8")).toBeNull();
  expect(guard.refusal("0::FFFF:10.0.0.1")).toBe("private");
});

describe("an exception", () => {
  const open = createAddressGuard({
    allow: ["10.1.0.0/16", "127.0.0.1", "fd00::/8", "64:ff9b::/96"],
    lookup: publicLookup,
  });

  test.each(["10.1.2.3", "127.0.0.1", "localhost", "[::ffff:10.1.2.3]", "[fd12::1]", "[64:ff9b::a00:1]"])(
    "lets %s through",
    (host) => expect(open.literalIssue(`http://${host}/`)).toBeNull(),
  );

  test.each(["10.2.0.1", "127.0.0.2", "[::1]", "[::10.1.2.3]", "[2002:a01:203::]", "169.254.169.254"])(
    "does not reach as far as %s",
    (host) => expect(open.literalIssue(`http://${host}/`)).not.toBeNull(),
  );

  test("may be written in its mapped spelling", () => {
    const mapped = createAddressGuard({ allow: ["::ffff:10.0.0.0/104"] });
    expect(mapped.refusal("10.9.9.9")).toBeNull();
    expect(mapped.refusal("11.0.0.1")).toBeNull();
    expect(mapped.refusal("192.168.0.1")).toBe("private");
  });

  test("for all of IPv4 does not open IPv6", () => {
    const v4 = createAddressGuard({ allow: ["0.0.0.0/0"] });
    expect(v4.refusal("127.0.0.1")).toBeNull();
    expect(v4.refusal("::1")).toBe("loopback");
  });

  test.each([
    "",
    "10.0.0.0/33",
    "10.0.0/8",
    "10.0.0.0/",
    "10.0.0.0/8/8",
    "fd00::/129",
    "0x7f.1/8",
    "fe80::1%lo/10",
    "localhost",
    "10.0.0.0/-1",
    "10.0.0.0/1e1",
    "*",
  ])("%j is refused at once, by name", (cidr) => {
    expect(() => createAddressGuard({ allow: ["10.0.0.0/8", cidr] })).toThrow(
      expect.objectContaining({
        code: "OUTBOUND_CIDR_INVALID",
        message: expect.stringContaining(`"${cidr}"`),
      }),
    );
  });
});
