import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createDemoPrinter } from "./demo-printer.ts";
import type { DemoOptions } from "./demo.ts";
import { runDemo } from "./demo.ts";

const never = new AbortController().signal;

/** Plays the demo with a server that is a script of a few lines. */
async function play(
  script: string,
  options: Partial<DemoOptions> = {},
): Promise<{ readonly code: number; readonly text: string }> {
  let text = "";
  const printer = createDemoPrinter({ write: (more) => (text += more), isColored: false });
  const command = [process.execPath, "-e", script];
  const environment = { PATH: process.env["PATH"] };
  const code = await runDemo({ command, environment, printer, signal: never, ...options });
  return { code, text };
}

const printFolder = `console.log("folder=" + process.env.DATA_DIR + ".");`;

function folderIn(text: string): string {
  return /folder=(.*)\./.exec(text)?.[1] ?? "";
}

describe("a demo whose server does not do its part", () => {
  test("says that the server ended, shows its last words and removes its folder", async () => {
    const { code, text } = await play(`${printFolder} console.error("out of luck"); process.exitCode = 3;`);
    expect(code).toBe(1);
    expect(text).toContain(
      "Step 1 failed (Start a server and a receiver). The server ended by itself, with 3.",
    );
    expect(text).toContain("     out of luck\n");
    expect(folderIn(text)).toContain("agent-server-demo-");
    expect(existsSync(folderIn(text))).toBe(false);
  });

  test("says that the server cannot be started", async () => {
    const { code, text } = await play("", { command: ["/no/such/program"] });
    expect(code).toBe(1);
    expect(text).toContain("The server cannot be started: spawn /no/such/program ENOENT");
    expect(text).not.toContain("The last that the server printed");
  });

  test("gives up at the limit of a step and ends a server that never listens", async () => {
    const { code, text } = await play(`console.log("pid=" + process.pid); setInterval(() => {}, 1000);`, {
      stepLimitMs: 2_000,
    });
    expect(code).toBe(1);
    expect(text).toContain("It was not done within 2 seconds.");
    const pid = Number(/pid=(\d+)/.exec(text)?.[1]);
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });

  test("names the step in which the server died", async () => {
    const { code, text } = await play(`
      const { writeFileSync } = require("node:fs");
      for (const name of ["api-key", "signing-secret"]) writeFileSync(process.env.DATA_DIR + "/" + name, "x");
      const server = require("node:http").createServer((request, response) => {
        if (request.method === "POST") process.exit(7);
        response.end('{"worker":{"status":"running"}}');
      });
      server.listen(0, "127.0.0.1", () => console.log("listens on http://127.0.0.1:" + server.address().port + " "));
    `);
    expect(code).toBe(1);
    expect(text).toContain("Step 2 failed (Post a task). The server ended by itself, with 7.");
  });

  test("hands no setting of the caller on", async () => {
    const environment = {
      PATH: process.env["PATH"],
      API_KEY: "k",
      DATABASE_URL: "postgres://x",
      HOST: "0.0.0.0",
    };
    const { text } = await play(`console.log(Object.keys(process.env).sort().join(" "))`, { environment });
    expect(text).toMatch(
      / {5}AGENT AGENT_COMMAND (AGENT_INTEGRATIONS_OWNER )?DATA_DIR OUTBOUND_ALLOW PATH PORT\n/,
    );
  });

  test("ends with 130 when it is stopped, and leaves nothing behind", async () => {
    const stop = new AbortController();
    let text = "";
    const write = (more: string): void => {
      text += more;
      if (text.includes("Waiting for the server")) stop.abort("SIGINT");
    };
    const printer = createDemoPrinter({ write, isColored: false });
    const { code } = await play("setInterval(() => {}, 1000);", { printer, signal: stop.signal });
    expect(code).toBe(130);
    expect(text).toContain("Stopped: SIGINT. The server is ended and its folder removed.");
  });
});
