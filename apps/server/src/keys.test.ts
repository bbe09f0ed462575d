import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Logger } from "@core/registry";
import { silentLogger } from "@core/registry";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { KeyFileError } from "./key-file.ts";
import { resolveKeys } from "./keys.ts";

describe("keys", () => {
  let dataDir = "";
  const unset = { apiKey: null, signingSecret: null, encryptionKey: null };

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "keys-test-"));
  });
  afterEach(() => rm(dataDir, { recursive: true }));

  test("the first start makes every key, readable for its owner alone", async () => {
    const keys = await resolveKeys({ ...unset, dataDir }, silentLogger);
    expect(keys.apiKey).toMatchObject({ source: "generated", file: join(dataDir, "api-key") });
    expect(keys.signingSecret.value).toMatch(/^whsec_/);
    expect(Buffer.from(keys.encryptionKey.value, "base64")).toHaveLength(32);
    expect((await readdir(dataDir)).toSorted()).toEqual([
      "api-key",
      "encryption-key",
      "signing-secret",
      "worker-id",
    ]);
    for (const file of await readdir(dataDir))
      expect((await stat(join(dataDir, file))).mode & 0o777).toBe(0o600);
  });

  test("a later start finds the same keys and does not call them new", async () => {
    const first = await resolveKeys({ ...unset, dataDir }, silentLogger);
    const second = await resolveKeys({ ...unset, dataDir }, silentLogger);
    expect(second.workerId).toBe(first.workerId);
    expect(second.apiKey).toEqual({ ...first.apiKey, source: "file" });
  });

  test("a key from the environment makes no file", async () => {
    const { apiKey } = await resolveKeys({ ...unset, apiKey: "mine", dataDir }, silentLogger);
    expect(apiKey).toEqual({ value: "mine", source: "environment", file: null });
    expect(await readdir(dataDir)).not.toContain("api-key");
  });

  test("a draft that a crash left behind is not taken for a key", async () => {
    await writeFile(join(dataDir, ".api-key.draft"), "ai_ha");
    const { apiKey } = await resolveKeys({ ...unset, dataDir }, silentLogger);
    expect(apiKey.source).toBe("generated");
    expect(await readFile(join(dataDir, "api-key"), "utf8")).toBe(`${apiKey.value}\n`);
    expect(await readdir(dataDir)).not.toContain(".api-key.draft");
  });

  test("rights that are too wide are taken back with a warning", async () => {
    const file = join(dataDir, "api-key");
    await writeFile(file, "mine\n");
    await chmod(file, 0o644);
    const warnings: string[] = [];
    const logger: Logger = { ...silentLogger, warn: (fields) => void warnings.push(String(fields["file"])) };
    await resolveKeys({ ...unset, dataDir }, logger);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(warnings).toEqual([file]);
  });

  test.each([
    ["api-key", ""],
    ["signing-secret", "secret"],
    ["encryption-key", "c2hvcnQ="],
    ["worker-id", "a b"],
  ])("a %s file that cannot be used is refused by name and never replaced", async (name, content) => {
    const file = join(dataDir, name);
    await writeFile(file, content);
    await expect(resolveKeys({ ...unset, dataDir }, silentLogger)).rejects.toThrow(KeyFileError);
    await expect(resolveKeys({ ...unset, dataDir }, silentLogger)).rejects.toThrow(file);
    expect(await readFile(file, "utf8")).toBe(content);
  });
});
