import type { ApiAnswer } from "./api-call.ts";
import { refused } from "./api-call.ts";

export type TokenKind = "bot" | "user" | "app";

/** Who a token speaks for. */
export interface Caller {
  readonly kind: TokenKind;
  readonly token: string;
  readonly scopes: readonly string[];
  readonly teamId: string;
  /** Of the app's own person, where it is a bot's token. */
  readonly userId?: string;
  readonly appId?: string;
  readonly botId?: string;
}

/** The tokens that are valid. */
export interface FakeTokens {
  /** The caller, or the refusal that Slack gives to this token. */
  find(token: string | undefined): Caller | ApiAnswer;
  kindOf(token: string | undefined): TokenKind | "unknown" | "none";
  issue(caller: Caller): void;
  /** From now on it is refused as `token_revoked`. */
  revoke(token: string): void;
  reset(): void;
}

export function createFakeTokens(issued: readonly Caller[]): FakeTokens {
  const callers = new Map<string, Caller>();
  const revoked = new Set<string>();
  const tokens: FakeTokens = {
    find(token) {
      if (token === undefined) return refused("not_authed");
      if (revoked.has(token)) return refused("token_revoked");
      return callers.get(token) ?? refused("invalid_auth");
    },
    kindOf: (token) => (token === undefined ? "none" : (callers.get(token)?.kind ?? "unknown")),
    issue: (caller) => void callers.set(caller.token, caller),
    revoke: (token) => void revoked.add(token),
    reset() {
      callers.clear();
      revoked.clear();
      for (const caller of issued) tokens.issue(caller);
    },
  };
  tokens.reset();
  return tokens;
}

/** The refusal when a caller lacks a scope. */
export function missingScope({ scopes }: Pick<Caller, "scopes">, needed: string): ApiAnswer | undefined {
  if (scopes.includes(needed)) return undefined;
  return { ...refused("missing_scope"), needed, provided: scopes.join(",") };
}
