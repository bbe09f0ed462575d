/**
 * Whether the receiver of a failed `http.fetch` cannot have got the request, so that it may be sent again; false when
 * it may have. Libraries wrap the errors of the fetch they are given: the chain of causes is read.
 */
export function neverSent(error: unknown): boolean {
  for (let one = error, depth = 0; one instanceof Error && depth < 8; one = causeOf(one), depth += 1) {
    const details: unknown = Reflect.get(one, "details");
    if (typeof details === "object" && details !== null && "sent" in details) return details.sent === "no";
  }
  return false;
}

/** Some libraries keep it as `original`. */
function causeOf(error: Error): unknown {
  return error.cause ?? Reflect.get(error, "original");
}
