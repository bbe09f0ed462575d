import type { SlackEmulator } from "./slack-emulator.ts";
import { startSlackEmulator } from "./slack-emulator.ts";
import type { SlackProxy } from "./slack-proxy.ts";
import { startSlackProxy } from "./slack-proxy.ts";

/** A Slack on loopback whose calls are noted and can be made to fail. What a person says and reads passes by the faults. */
export interface FakeSlack
  extends Omit<SlackEmulator, "url">, Pick<SlackProxy, "calls" | "meet" | "hanging"> {
  /** The proxy's, as SLACK_API_URL. */
  readonly apiUrl: string;
}

/** Starts one; it needs the package `emulate` 0.12. */
export async function startFakeSlack(): Promise<FakeSlack> {
  const emulator = await startSlackEmulator();
  const proxy = await startSlackProxy(emulator.url);
  const { calls, meet, hanging } = proxy;
  return {
    ...emulator,
    calls,
    meet,
    hanging,
    apiUrl: `${proxy.url}/api/`,
    async reset() {
      proxy.reset();
      await emulator.reset();
    },
    async close() {
      await proxy.close();
      await emulator.close();
    },
  };
}
