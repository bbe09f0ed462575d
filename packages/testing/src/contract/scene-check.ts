import type { ContractCheck } from "./contract-check.ts";
import type { DispatcherSubject } from "./dispatcher-subject.ts";
import type { ReceiverScene, Scene } from "./scene.ts";
import { openScene, withReceiver } from "./scene.ts";

/** A check that does not know its subject yet. */
export interface SceneCheck {
  readonly name: string;
  /** Each call of `open` gives a fresh scene. */
  play(open: () => Promise<Scene>): Promise<void>;
}

/** A check that needs no receiver. */
export function sceneCheck(name: string, play: (scene: Scene) => Promise<void>): SceneCheck {
  return { name, play: async (open) => play(await open()) };
}

/** A check that sees what arrives. */
export function receiverCheck(name: string, play: (scene: ReceiverScene) => Promise<void>): SceneCheck {
  return sceneCheck(name, (scene) => play(withReceiver(scene)));
}

/** Plays a check with this subject, and clears away what it has opened. */
export function contractCheck({ name, play }: SceneCheck, subject: DispatcherSubject): ContractCheck {
  const run = async (): Promise<void> => {
    const scenes: Scene[] = [];
    const open = async (): Promise<Scene> => {
      const scene = await openScene(subject, name);
      scenes.push(scene);
      return scene;
    };
    try {
      await play(open);
    } finally {
      for (const { harness } of scenes.toReversed()) await harness[Symbol.asyncDispose]();
    }
  };
  return { name, run };
}
