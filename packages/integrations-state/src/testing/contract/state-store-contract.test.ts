import { AssertionError } from "node:assert/strict";
import { describe, expect, it } from "vitest";
import type { IntegrationState } from "../../state/integration-state.ts";
import type { StateMutator, StateStore } from "../../state/state-store.ts";
import { createMemoryPlace } from "../memory-store.ts";
import type { StatePlace } from "./state-store-contract.ts";
import { stateStoreContract } from "./state-store-contract.ts";

describe("the store in memory", () => {
  it.each(stateStoreContract({ newPlace: () => createMemoryPlace() }))("$name", async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

describe("the contract notices a store", () => {
  it.each<[string, (store: StateStore) => Partial<StateStore>, string]>([
    ["that shares what is read", sharedReads, "a caller owns what it reads"],
    ["that forgets", lostUpdates, "what is stored is read again, by this store and by any other"],
    [
      "that answers another state",
      otherStates,
      "an update answers the state after it and what its mutator answered",
    ],
    ["whose mutators overlap", overlapping, "updates of several stores are all applied, one at a time"],
    [
      "that runs a mutator twice",
      twice,
      "2,000 updates at once are all applied, and each caller has its own result",
    ],
    [
      "that keeps what a failing mutator changed",
      keptFailures,
      "what a mutator throws goes to its own caller, and what it changed is undone",
    ],
    [
      "that wraps what was thrown",
      wrappedFailures,
      "what a mutator throws goes to its own caller, and what it changed is undone",
    ],
    ["that shows what is half done", halfDone, "a read while an update runs sees all of it or nothing"],
    [
      "that does not wait when it closes",
      () => ({ close: async () => undefined }),
      "closing waits for the updates in hand",
    ],
    [
      "that answers when it is closed",
      () => ({ close: async () => undefined }),
      "a closed store refuses everything, and may be closed again",
    ],
  ])("%s", async (_, faults, name) => {
    const newPlace = (): StatePlace => {
      const place = createMemoryPlace();
      return {
        open(clock) {
          const store = place.open(clock);
          return { ...store, ...faults(store) };
        },
      };
    };
    const check = stateStoreContract({ newPlace }).find((one) => one.name === name);
    await expect(check?.run()).rejects.toBeInstanceOf(AssertionError);
  });
});

function sharedReads({ read }: StateStore): Partial<StateStore> {
  let shared: Promise<IntegrationState> | undefined;
  return { read: () => (shared ??= read()) };
}

function lostUpdates({ update }: StateStore): Partial<StateStore> {
  return { update: async (mutator) => update((state) => mutator(structuredClone(state))) };
}

function otherStates({ update }: StateStore): Partial<StateStore> {
  return {
    update: async (mutator) => {
      const { state, result } = await update(mutator);
      return { state: { ...state, notifications: [] }, result };
    },
  };
}

function overlapping({ read, update }: StateStore): Partial<StateStore> {
  return {
    update: async (mutator) => {
      const draft = await read();
      const result = await mutator(draft);
      const { state } = await update((current) => void Object.assign(current, draft));
      return { state, result };
    },
  };
}

function twice({ update }: StateStore): Partial<StateStore> {
  return {
    update: async (mutator) => {
      await update(mutator);
      return update(mutator);
    },
  };
}

function keptFailures({ update }: StateStore): Partial<StateStore> {
  return {
    async update<Result>(mutator: StateMutator<Result>) {
      const { state, result } = await update(async (draft) => {
        try {
          return { value: await mutator(draft) };
        } catch (error) {
          return { error };
        }
      });
      if ("error" in result) throw result.error;
      return { state, result: result.value };
    },
  };
}

function wrappedFailures({ update }: StateStore): Partial<StateStore> {
  return {
    update: (mutator) =>
      update(mutator).catch((error: unknown) => {
        throw new Error("It failed.", { cause: error });
      }),
  };
}

function halfDone({ read, update }: StateStore): Partial<StateStore> {
  let draft: IntegrationState | undefined;
  return {
    read: async () => structuredClone(draft ?? (await read())),
    update: (mutator) =>
      update((state) => {
        draft = state;
        return mutator(state);
      }),
  };
}
