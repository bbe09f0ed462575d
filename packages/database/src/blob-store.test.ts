import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { afterAll, describe, expect, test } from "vitest";
import { databaseMigrationsIn } from "./blob-migrations.ts";
import { createBlobStore, type BlobStore, type BlobStoreOptions } from "./blob-store.ts";
import { blobQueries } from "./blob-tables.ts";
import { createTestDatabases, freshSchema, testEngines } from "./test-database.ts";

const databases = createTestDatabases();
afterAll(() => databases.close());

const unknownId = "6f9619ff-8b86-4011-b42d-00c04fc964ff";

describe.each(testEngines)("on %s", (engine) => {
  async function open(options: BlobStoreOptions = {}): Promise<{
    store: BlobStore;
    countRows(): Promise<number>;
  }> {
    const database = await databases.open(engine);
    const schema = freshSchema();
    await database.migrate([databaseMigrationsIn(schema)]);
    const tables = blobQueries(database.kysely, schema);
    return {
      store: createBlobStore(database, { ...options, schema }),
      async countRows() {
        const blobs = await tables.selectFrom("blob").select("id").execute();
        const chunks = await tables.selectFrom("blob_chunk").select("position").execute();
        return blobs.length + chunks.length;
      },
    };
  }

  async function read(store: BlobStore, id: string): Promise<Buffer | null> {
    const opened = await store.open(id);
    return opened === null ? null : Buffer.from(await new Response(opened.stream).arrayBuffer());
  }

  test("what is put comes out byte for byte, with its facts", async () => {
    const { store } = await open();
    const bytes = randomBytes(700_001);
    const info = await store.put(Readable.from([bytes.subarray(0, 10), bytes.subarray(10)]), {
      name: "report.pdf",
      contentType: "application/pdf",
    });
    expect(info).toEqual({
      id: expect.stringMatching(/^[\da-f-]{36}$/),
      name: "report.pdf",
      contentType: "application/pdf",
      size: 700_001,
      sha256: createHash("sha256").update(bytes).digest("hex"),
      createdAt: expect.any(Date),
    });
    expect(await store.stat(info.id)).toEqual(info);
    expect(await read(store, info.id)).toEqual(bytes);
  });

  test.each([0, 1, 9, 10, 11, 20, 25])("%i bytes in chunks of ten come out again", async (size) => {
    const { store } = await open({ chunkBytes: 10 });
    const bytes = randomBytes(size);
    const info = await store.put(new Blob([bytes]).stream());
    expect(info).toMatchObject({ size, name: null, contentType: null });
    expect(await read(store, info.id)).toEqual(bytes);
  });

  test("chunks are read only as they are asked for", async () => {
    const { store } = await open({ chunkBytes: 10 });
    const { id } = await store.put(Readable.from([randomBytes(30)]));
    const opened = await store.open(id);
    const reader = opened?.stream.getReader();
    expect((await reader?.read())?.value).toHaveLength(10);
    await store.delete(id);
    await expect(reader?.read()).rejects.toMatchObject({ code: "BLOB_INTERRUPTED" });
  });

  test("a blob above the cap is refused and leaves nothing behind", async () => {
    const { store, countRows } = await open({ maxBytes: 100, chunkBytes: 10 });
    await expect(store.put(Readable.from([randomBytes(60), randomBytes(41)]))).rejects.toMatchObject({
      code: "BLOB_TOO_LARGE",
      details: { maxBytes: 100 },
    });
    expect(await countRows()).toBe(0);
    await expect(store.put(Readable.from([randomBytes(100)]))).resolves.toMatchObject({ size: 100 });
  });

  test("a source that fails leaves nothing behind", async () => {
    const { store, countRows } = await open({ chunkBytes: 10 });
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield randomBytes(25);
      throw new Error("the sender went away");
    }
    await expect(store.put(failing())).rejects.toThrow("the sender went away");
    expect(await countRows()).toBe(0);
  });

  test("an unfinished blob is invisible, and sweeping it fails its writer", async () => {
    const { store, countRows } = await open({ chunkBytes: 10 });
    const seen: unknown[] = [];
    async function* slow(): AsyncGenerator<Uint8Array> {
      yield randomBytes(10);
      yield randomBytes(5);
      seen.push(await countRows(), await store.sweepIncomplete(60_000), await store.sweepIncomplete(-60_000));
      yield randomBytes(20);
    }
    await expect(store.put(slow())).rejects.toMatchObject({ code: "BLOB_INTERRUPTED" });
    expect(seen).toEqual([2, 0, 1]);
    expect(await countRows()).toBe(0);
  });

  test("while it is written, a blob cannot be found, opened or deleted", async () => {
    const database = await databases.open(engine);
    const schema = freshSchema();
    await database.migrate([databaseMigrationsIn(schema)]);
    await blobQueries(database.kysely, schema).insertInto("blob").values({ id: unknownId }).execute();
    const store = createBlobStore(database, { schema });
    expect([await store.stat(unknownId), await store.open(unknownId), await store.delete(unknownId)]).toEqual(
      [null, null, false],
    );
  });

  test("a deleted blob is gone with its chunks", async () => {
    const { store, countRows } = await open({ chunkBytes: 10 });
    const { id } = await store.put(Readable.from([randomBytes(30)]));
    expect(await store.delete(id)).toBe(true);
    expect(await store.delete(id)).toBe(false);
    expect(await countRows()).toBe(0);
  });

  test.each([unknownId, "not a uuid", ""])("there is no blob %j", async (id) => {
    const { store } = await open();
    expect([await store.stat(id), await store.open(id), await store.delete(id)]).toEqual([null, null, false]);
  });
});
