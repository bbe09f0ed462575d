import { expect, test } from "vitest";
import { botAttribution } from "./attribution.ts";

const avatar_url = "https://example.com/ada.png";

test("no bot signs with nothing", () => {
  expect(botAttribution(null)).toEqual({});
});

test("the display name goes before the name, unless it is empty", () => {
  expect(botAttribution({ name: "ada", display_name: "Ada" })).toEqual({ username: "Ada" });
  expect(botAttribution({ name: "ada", display_name: "" })).toEqual({ username: "ada" });
  expect(botAttribution({ name: "ada" })).toEqual({ username: "ada" });
});

test("an emoji for Slack goes before the avatar, and there are never both", () => {
  const integration_config = { slack: { icon_emoji: ":owl:" } };
  expect(botAttribution({ name: "ada", avatar_url })).toEqual({ username: "ada", icon_url: avatar_url });
  expect(botAttribution({ name: "ada", avatar_url, integration_config })).toEqual({
    username: "ada",
    icon_emoji: ":owl:",
  });
});

test.each([[{}], [{ icon_emoji: "" }], [{ icon_emoji: 7 }], [{ icon_emoji: null }]])(
  "settings without an emoji leave the avatar (%j)",
  (settings) => {
    const bot = {
      name: "ada",
      avatar_url,
      integration_config: { slack: settings, other: { icon_emoji: ":x:" } },
    };
    expect(botAttribution(bot)).toEqual({ username: "ada", icon_url: avatar_url });
  },
);

test("half characters, which cannot be sent, are replaced", () => {
  expect(botAttribution({ name: "a\ud83d" })).toEqual({ username: "a\ufffd" });
});
