import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { assertAgentProgram } from "./agent-program.ts";

describe.skipIf(process.platform === "win32")("the program of a command agent", () => {
  let folder = "";

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "agent-program-"));
    await writeFile(join(folder, "runs"), "", { mode: 0o755 });
    await writeFile(join(folder, "text"), "", { mode: 0o644 });
  });
  afterAll(() => rm(folder, { recursive: true }));

  const check = (program: string, path?: string): Promise<void> =>
    assertAgentProgram([program], { PATH: path });

  test("is found by its path and on PATH", async () => {
    const found = [check(join(folder, "runs")), check("runs", `/nowhere:${folder}`), check("sh")];
    await expect(Promise.all(found)).resolves.toBeDefined();
  });

  test.each([
    ["that is not there", () => "/nowhere/agent", "no file that may be executed"],
    ["that is not on PATH", () => "runs", "not on PATH"],
    ["that may not be executed", () => join(folder, "text"), "no file that may be executed"],
    ["that is a folder", () => folder, "no file that may be executed"],
  ])("one %s is refused by the variable", async (_title, program, why) => {
    await expect(check(program(), "/nowhere")).rejects.toThrow(
      new RegExp(`^AGENT_COMMAND: "${program()}" .*${why}`),
    );
  });
});
