import { isIP } from "node:net";
import { parseArgsStringToArgv } from "string-argv";
import type { z } from "zod";

export function isPostgresUrl(value: string): boolean {
  return URL.canParse(value) && /^postgres(?:ql)?:$/.test(new URL(value).protocol);
}

export function isSmtpUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname, pathname, search, hash, username, password } = new URL(value);
  if (!/^smtps?:$/.test(protocol) || hostname === "" || !["", "/"].includes(pathname)) return false;
  return search === "" && hash === "" && isPercentEncoded(username) && isPercentEncoded(password);
}

function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

export function isSigningSecret(value: string): boolean {
  const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(value)?.[1];
  if (encoded === undefined) return false;
  const { length } = Buffer.from(encoded, "base64");
  return length >= 24 && length <= 64;
}

export function isEncryptionKey(value: string): boolean {
  return /^[A-Za-z0-9+/]{43}=$/.test(value);
}

export function isCidr(value: string): boolean {
  const [address = "", prefix, ...rest] = value.split("/");
  const widest = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  const bits = prefix === undefined ? widest : Number(/^\d{1,3}$/.test(prefix) ? prefix : 999);
  return widest > 0 && rest.length === 0 && !address.includes("%") && bits <= widest;
}

export function isPublicUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password, search, hash } = new URL(value);
  return /^https?:$/.test(protocol) && [username, password, search, hash].every((part) => part === "");
}

export function isBaseUrl(value: string): boolean {
  return isPublicUrl(value) && !/\/chat\/completions\/*$/.test(value);
}

export function withoutSlash(url: string): string {
  return url.replace(/\/+$/, "");
}

/** A JSON array is taken as it is; anything else is split like a shell would, without a shell's expansions. */
export function splitCommand(value: string, context: z.core.$RefinementCtx<string>): string[] {
  const command = value.trimStart().startsWith("[") ? jsonStrings(value) : parseArgsStringToArgv(value);
  if (command !== null && command[0] !== undefined && command[0] !== "") return command;
  context.issues.push({
    code: "custom",
    input: value,
    message: 'use a command with its arguments, such as "my-agent --fast", or a JSON array of strings.',
  });
  return [];
}

function jsonStrings(value: string): string[] | null {
  try {
    const parsed: unknown = JSON.parse(value);
    return Array.isArray(parsed) && parsed.every((item) => typeof item === "string") ? parsed : null;
  } catch {
    return null;
  }
}
