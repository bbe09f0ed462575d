import { silentLogger } from "@core/registry";
import { describe, expect, test } from "vitest";
import { CommandError } from "../commands/command.ts";
import { fakeTool } from "../testing/fake-tool.ts";
import { openFollowingTools } from "./following-tools.ts";
import type { ToolSource } from "./tool-source.ts";
import { ServerGoneError } from "./tool-source.ts";

const options = { signal: new AbortController().signal };

/** A place whose tools `once` and `often` answer its name, or fail. */
function place(name: string, failure?: Error): ToolSource & { closed: boolean } {
  const call = async (): Promise<{ content: { type: "text"; text: string }[] }> => {
    if (failure !== undefined) throw failure;
    return { content: [{ type: "text", text: name }] };
  };
  return {
    tools: [fakeTool("once", call), fakeTool("often", call, true)],
    place: name,
    closed: false,
    async [Symbol.asyncDispose]() {
      this.closed = true;
    },
  };
}

/** Calls a tool whose source is the first of these, and then the others in turn as it is looked for again. */
async function answers(
  tool: "once" | "often",
  calls: number,
  ...sources: readonly (ToolSource | Error)[]
): Promise<unknown[]> {
  const left = [...sources];
  const source = await openFollowingTools(async () => {
    const next = left.shift() ?? new CommandError("There is no server.");
    if (next instanceof Error) throw next;
    return next;
  }, silentLogger);
  const { call } = source.tools.find(({ name }) => name === tool) ?? fakeTool("none");
  const texts: unknown[] = [];
  for (let count = 0; count < calls; count += 1) {
    const { content, isError } = await call({}, options);
    const [first] = content;
    const text = first?.type === "text" ? first.text : "";
    texts.push(isError === true ? JSON.parse(text) : text);
  }
  return texts;
}

const refused = new ServerGoneError("Nobody answers.", { mayHaveArrived: false });
const cut = new ServerGoneError("The answer broke off.", { mayHaveArrived: true });

describe("tools whose server has gone", () => {
  test("are called where they are now, when the call never arrived", async () => {
    const old = place("old", refused);
    expect(await answers("once", 2, old, place("new"))).toEqual(["new", "new"]);
    expect(old.closed).toBe(true);
  });

  test("are called twice only if twice does no harm", async () => {
    expect(await answers("often", 1, place("old", cut), place("new"))).toEqual(["new"]);
    expect(await answers("once", 2, place("old", cut), place("new"))).toEqual([
      {
        code: "TOOL_FAILED",
        message: "The answer broke off.",
        hint: expect.stringContaining("integrations_state"),
      },
      "new",
    ]);
  });

  test("say so while the server is not there, and look again at the next call", async () => {
    const absent = new CommandError("It starts.");
    expect(await answers("once", 2, place("old", refused), absent, place("new"))).toEqual([
      { code: "TOOL_FAILED", message: "Nobody answers.", hint: expect.stringContaining("Try again") },
      "new",
    ]);
  });

  test("say so when they are not offered any more", async () => {
    const readOnly = { ...place("new"), tools: [] };
    expect(await answers("once", 1, place("old", refused), readOnly)).toMatchObject([
      { message: expect.stringContaining("not offered any more") },
    ]);
  });

  test("are not there at all when they were not to begin with", async () => {
    await expect(answers("once", 1, new CommandError("It starts."))).rejects.toThrow("It starts.");
  });
});

test("what a tool itself throws is none of this", async () => {
  await expect(answers("once", 1, place("old", new TypeError("A bug.")))).rejects.toThrow("A bug.");
});
