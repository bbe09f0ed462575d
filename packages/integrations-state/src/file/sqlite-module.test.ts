import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test("only the one warning about SQLite is silenced", async () => {
  const script = `
    import { loadSqlite } from ${JSON.stringify(new URL("./sqlite-module.ts", import.meta.url).href)};
    const before = process.emitWarning;
    loadSqlite();
    process.stdout.write(String(before === process.emitWarning));
    process.emitWarning("another warning", "ExperimentalWarning");`;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [
    "--input-type=module",
    "-e",
    script,
  ]);
  expect(stdout).toBe("true");
  expect(stderr).toContain("another warning");
  expect(stderr).not.toContain("SQLite");
});
