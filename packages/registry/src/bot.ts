import type { JsonObject } from "./json.ts";

/** Who speaks, as a dispatcher sees it. */
export interface Bot {
  readonly name: string;
  readonly display_name?: string;
  readonly avatar_url?: string;
  /** Settings per integration type, such as an emoji that only one service knows. */
  readonly integration_config?: Readonly<Record<string, JsonObject>>;
}
