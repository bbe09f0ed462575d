import { describe, expect, test } from "vitest";
import { createLogger } from "./logger.ts";
import { createMasking, urlSecrets } from "./masking.ts";

describe("logger", () => {
  test("a line is one JSON object with level, time, fields and message", () => {
    const { logger, lines } = capturing();
    logger.child({ worker_id: "w" }).info({ task_id: "t" }, "Done.");
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { level: "info", time: expect.any(String), worker_id: "w", task_id: "t", msg: "Done." },
    ]);
  });

  test("fields with the name of a secret are masked", () => {
    const { logger, lines } = capturing();
    logger.info(
      {
        token: "t-value",
        request: { headers: { authorization: "Bearer b-value" } },
        deep: { a: { password: "p-value" } },
      },
      "x",
    );
    for (const value of ["t-value", "b-value", "p-value"]) expect(lines.join("")).not.toContain(value);
  });

  test("a known secret is masked wherever it stands, also in an error", () => {
    const { logger, lines, masking } = capturing();
    masking.hide('tricky"secret');
    logger.error({ err: new Error('failed with tricky"secret') }, 'The key is tricky"secret.');
    expect(lines.join("")).not.toContain("secret");
    expect(lines.join("")).toContain("***");
  });

  test("paths and queries of URLs are hidden, in messages and in fields", () => {
    const { logger, lines } = capturing();
    logger.warn(
      { target: { url: "https://hooks.example.org/T1/B2?sig=abc" } },
      "POST http://10.0.0.1:81/private failed.",
    );
    const [line = ""] = lines;
    expect(line).toContain("https://hooks.example.org/…");
    expect(line).toContain("POST http://10.0.0.1:81/… failed.");
    const { time: _ofDay, ...told } = JSON.parse(line) as Record<string, unknown>;
    expect(JSON.stringify(told)).not.toMatch(/T1|sig|private/);
  });

  test("the password of the database is hidden in every form", () => {
    const { logger, lines, masking } = capturing();
    const url = "postgres://app:s%40fe-word@db:5432/app";
    for (const secret of urlSecrets(url)) masking.hide(secret);
    logger.error({ err: new Error(`connect ${url} failed for s@fe-word`) }, "postgresql://app:pw@db/app");
    expect(lines.join("")).not.toMatch(/fe-word|:pw@/);
  });
});

function capturing(): {
  logger: ReturnType<typeof createLogger>;
  lines: string[];
  masking: ReturnType<typeof createMasking>;
} {
  const lines: string[] = [];
  const masking = createMasking();
  return {
    logger: createLogger({ level: "debug", masking, write: (line) => lines.push(line) }),
    lines,
    masking,
  };
}
