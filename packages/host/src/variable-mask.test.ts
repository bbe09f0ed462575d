import { describe, expect, it } from "vitest";
import { integration } from "../test/fixtures.ts";
import { createVariableMask } from "./variable-mask.ts";

const hello = integration({
  environment: {
    required: ["HELLO_TOKEN", "HELLO_PIN"],
    optional: ["HELLO_MODE", "HELLO_STAGE"],
    secret: ["HELLO_TOKEN", "HELLO_PIN"],
  },
});

describe("the mask of variables", () => {
  it("writes the names of variables in place of their values", () => {
    const mask = maskWith({ HELLO_TOKEN: "s3cret-token", HELLO_STAGE: "staging" });
    expect(mask("Bearer s3cret-token was refused by staging.")).toBe(
      "Bearer $HELLO_TOKEN was refused by $HELLO_STAGE.",
    );
  });

  it("finds a long secret within a word, and a short one only where it stands alone", () => {
    const mask = maskWith({ HELLO_TOKEN: "s3cret-token", HELLO_PIN: "on" });
    expect(mask("xs3cret-tokenx, on, none, once")).toBe("x$HELLO_TOKENx, $HELLO_PIN, none, once");
  });

  it("leaves short values that are no secrets, but where the text is about their variable", () => {
    const mask = maskWith({ HELLO_MODE: "on" });
    expect(mask("Nobody is on the line.")).toBe("Nobody is on the line.");
    expect(mask("on is no mode.", "HELLO_MODE")).toBe("$HELLO_MODE is no mode.");
    expect(mask("on is no mode.", "HELLO_MODE.0")).toBe("$HELLO_MODE is no mode.");
    expect(mask("on is no stage.", "HELLO_STAGE")).toBe("on is no stage.");
  });

  it("takes values as they are, whatever characters they have", () => {
    const mask = maskWith({ HELLO_TOKEN: "a.b*c$&(d)[e]{f}|^\\-/+?" });
    expect(mask("<a.b*c$&(d)[e]{f}|^\\-/+?> <aXb>")).toBe("<$HELLO_TOKEN> <aXb>");
  });

  it("finds a value without its margins, within JSON and within a URL", () => {
    const mask = maskWith({ HELLO_TOKEN: ' to"ken / 1\n' });
    const shown = mask(`to"ken / 1; ${JSON.stringify('to"ken / 1')}; ?t=${encodeURIComponent('to"ken / 1')}`);
    expect(shown).toBe('$HELLO_TOKEN; "$HELLO_TOKEN"; ?t=$HELLO_TOKEN');
  });

  it("finds the longest of values that begin alike", () => {
    const mask = maskWith({ HELLO_STAGE: "staging", HELLO_TOKEN: "staging-token" });
    expect(mask("staging-token, staging")).toBe("$HELLO_TOKEN, $HELLO_STAGE");
  });

  it("leaves a text as it is when nothing is set, and cuts one that is too long", () => {
    const mask = maskWith({});
    expect(mask("all is well")).toBe("all is well");
    expect(mask("x".repeat(3_000))).toBe(`${"x".repeat(2_000)}…`);
  });

  it("leaves no part of a secret where a long text is cut", () => {
    const mask = maskWith({ HELLO_TOKEN: "s3cret-token" });
    expect(mask(`${"x".repeat(1_995)}s3cret-token`)).not.toContain("s3");
  });
});

function maskWith(environment: Readonly<Record<string, string>>): ReturnType<typeof createVariableMask> {
  return createVariableMask(hello, ["HELLO_TOKEN", "HELLO_PIN"], environment);
}
