/** Writes a URL for logs, lists and messages: scheme and host stay, credentials go, path and query become `…`. */
export function maskUrl(url: string | URL): string {
  const parsed = typeof url === "string" ? URL.parse(url) : url;
  if (parsed === null) return "(invalid URL)";
  const { protocol, host, pathname, search, hash } = parsed;
  if (host === "") return `${protocol}…`;
  const bare = (pathname === "/" || pathname === "") && search === "" && hash === "";
  return `${protocol}//${host}/${bare ? "" : "…"}`;
}
