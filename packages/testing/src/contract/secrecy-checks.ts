import { inspect } from "node:util";
import type { Fault } from "../faults/fault-plan.ts";
import type { SettledDelivery } from "../outbox/outbox-delivery.ts";
import { ordinary } from "./arrival.ts";
import type { Scene } from "./scene.ts";
import type { SceneCheck } from "./scene-check.ts";
import { sceneCheck } from "./scene-check.ts";

/** What is stored and logged is read by people. */
export const secrecyChecks: readonly SceneCheck[] = [
  sceneCheck("no secret appears in an outcome or a log, whatever happens", keepsSecrets),
];

const FAULTS: readonly Fault[] = [
  { status: 401 },
  { status: 429 },
  { status: 503 },
  "drop_before",
  "drop_after",
];

async function keepsSecrets(scene: Scene): Promise<void> {
  search(scene, await (await scene.write(ordinary())).settle());
  const { receiver } = scene.harness;
  if (receiver === undefined) return;
  for (const fault of FAULTS) {
    receiver.faults.inject(fault);
    search(scene, await (await scene.write(ordinary())).settle());
  }
}

function search(scene: Scene, { attempts }: SettledDelivery): void {
  const { secrets = [] } = scene.harness;
  const places = { "an outcome": attempts, "the log": scene.logger.entries };
  for (const [place, content] of Object.entries(places)) {
    const text = inspect(content, COMPLETELY);
    const secret = secrets.find((one) => one !== "" && text.includes(one));
    if (secret === undefined) continue;
    throw scene.violation({
      expected: "outcomes and logs without the harness's secrets",
      seen: `secret ${secrets.indexOf(secret) + 1} of the harness in ${place}: ${around(text, secret)}`,
      advice:
        "Write messages of your own in the place of those of the SDK, and log no request, header or URL.",
    });
  }
}

const COMPLETELY = {
  depth: null,
  maxArrayLength: null,
  maxStringLength: null,
  breakLength: Number.POSITIVE_INFINITY,
} as const;

/** The text before and behind the secret, which itself is not shown. */
function around(text: string, secret: string): string {
  const start = text.indexOf(secret);
  const before = text.slice(Math.max(0, start - 60), start);
  const behind = text.slice(start + secret.length, start + secret.length + 20);
  return `…${before}•••${behind}…`.replaceAll(secret, "•••").replaceAll(/\s+/g, " ");
}
