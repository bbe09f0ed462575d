import type { Logger } from "@core/registry";

/** What is undone when the server stops or does not come up: last made, first undone. */
export type Undo = () => void | Promise<void>;

/** One step that fails keeps none of the others from being made. */
export async function undoAll(undo: Undo[], logger: Logger): Promise<void> {
  for (const step of undo.splice(0).toReversed()) {
    try {
      await step();
    } catch (error) {
      logger.error({ err: error }, "Something could not be freed when the server stopped.");
    }
  }
}
