/** Writes a URL for logs, lists and messages: scheme and host stay, credentials go, path and query become `…`. */
export function maskUrl(url: string | URL): string {
  if (!URL.canParse(String(url))) return "(invalid URL)";
  const { protocol, host, pathname, search, hash } = new URL(String(url));
  if (host === "") return `${protocol}…`;
  const bare = (pathname === "/" || pathname === "") && search === "" && hash === "";
  return `${protocol}//${host}/${bare ? "" : "…"}`;
}
