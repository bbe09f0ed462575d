import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";

test("the tests run on the Node that was asked for", async () => {
  process.stdout.write(`Node ${process.version}\n`);
  const expectedMajor = process.env["EXPECT_NODE_MAJOR"];
  if (expectedMajor === undefined) {
    const pinned = await readFile(new URL("../.node-version", import.meta.url), "utf8");
    expect(process.versions.node).toBe(pinned.trim());
  } else {
    expect(process.versions.node.split(".")[0]).toBe(expectedMajor);
  }
});
