// Updates the state without a pause, as its plan (JSON, the first argument) says, until it is killed.
import { once } from "node:events";
import { createStateFile } from "@core/integrations-state";
import type { StateStore } from "@core/integrations-state";
import type { FromMutator, MutatorPlan } from "./mutator-plan.ts";
import { machineMs } from "./machine-clock.ts";
import { drawTicket, ticketsIn } from "./tickets.ts";

/** More than all processes together draw in one round. */
const TOLD = 60;

// A child never outlives its parent.
process.once("disconnect", () => process.exit(1));
const plan = JSON.parse(process.argv[2] ?? "") as MutatorPlan;
const store = createStateFile({ path: plan.path });
tell("ready");
await once(process, "message");
await Promise.all(Array.from({ length: plan.callers }, () => updateForEver(store, plan.owner)));

async function updateForEver(state: StateStore, owner: string): Promise<never> {
  for (;;) {
    const { result } = await state.update((draft) => ({
      before: ticketsIn(draft).slice(-TOLD),
      ...drawTicket(draft, owner),
    }));
    tell({ ...result, atMs: machineMs() });
  }
}

function tell(message: FromMutator): void {
  process.send?.(message);
}
