/** Takes secrets and the private parts of URLs out of text. */
export interface Masking {
  /** From now on this value is never shown. */
  hide(secret: string): void;
  /** The text with `***` in place of each hidden value. */
  withoutSecrets(text: string): string;
  /** The same, with `…` in place of each URL's path and query, for texts that may hold a target. */
  apply(text: string): string;
}

/** Shorter values would blank out ordinary words; a password that short is only found within its URL. */
const SHORTEST_SECRET = 6;

/** A masking that knows no secret yet. */
export function createMasking(): Masking {
  const hidden = new Set<string>();
  let ordered: readonly string[] = [];
  return {
    hide(secret) {
      for (const form of writtenForms(secret)) if (form.length >= SHORTEST_SECRET) hidden.add(form);
      ordered = [...hidden].toSorted((a, b) => b.length - a.length);
    },
    withoutSecrets,
    apply: (text) => withoutSecrets(maskUrls(text)),
  };

  function withoutSecrets(text: string): string {
    return ordered.reduce((masked, secret) => masked.replaceAll(secret, "***"), text);
  }
}

/** The secrets within the URL of a database or a mail server: the whole and its password. */
export function urlSecrets(url: string | null): readonly string[] {
  if (url === null) return [];
  const { password, searchParams } = new URL(url);
  const parts = [password, searchParams.get("password") ?? ""].filter((part) => part !== "");
  return [url, ...parts.flatMap((part) => [part, decoded(part)])];
}

function maskUrls(text: string): string {
  return text.replaceAll(
    /\b([a-z][a-z0-9+.-]*:\/\/)(?:[^\s"'<>\\/@]*@)?([^\s"'<>\\/?#@]+)([/?#][^\s"'<>\\]*)?/gi,
    (url, scheme: string, host: string, rest: string | undefined) =>
      scheme.toLowerCase() === "file://"
        ? url
        : `${scheme}${host}${rest === undefined || rest === "/" ? (rest ?? "") : "/…"}`,
  );
}

/** Without blanks around it, which its users drop: as it is, as it stands within JSON, and as it stands within a URL. */
function writtenForms(secret: string): readonly string[] {
  const trimmed = secret.trim();
  return [trimmed, JSON.stringify(trimmed).slice(1, -1), encodeURIComponent(trimmed)];
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
