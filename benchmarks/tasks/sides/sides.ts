import type { SideDefinition } from "./queue-side.ts";

export type SideName = "ours" | "graphile" | "graphile-default" | "pg-boss" | "pg-boss-default";

/** All that is compared. Each is loaded alone, so that nobody is measured with the code of another in memory. */
export const loadSide: Readonly<Record<SideName, () => Promise<SideDefinition>>> = {
  ours: async () => (await import("./ours.ts")).ours,
  graphile: async () => (await import("./graphile.ts")).graphileInBatches,
  "graphile-default": async () => (await import("./graphile.ts")).graphileByDefault,
  "pg-boss": async () => (await import("./pg-boss.ts")).pgBossAtItsBest,
  "pg-boss-default": async () => (await import("./pg-boss.ts")).pgBossByDefault,
};
