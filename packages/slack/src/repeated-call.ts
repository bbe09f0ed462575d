import type { SlackAccess } from "./slack-access.ts";

/** More than once at random is seldom; what fails so often will for a while. */
const MOST_TRIES = 3;

/** Makes a call that does no harm twice, up to three times while its failures may pass. Rejects as the last one does. */
export async function repeatedCall<Answer>(
  call: () => Promise<Answer>,
  { failureOf, signal }: Pick<SlackAccess, "failureOf"> & { readonly signal: AbortSignal },
): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await call();
    } catch (error) {
      const { failure } = failureOf(error);
      const mayPass = failure === "retryable" || failure === "ambiguous";
      if (!mayPass || tries === MOST_TRIES || signal.aborted) throw error;
    }
  }
}
