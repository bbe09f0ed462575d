export { createMemoryStore } from "./testing/memory-store.ts";
export { stateStoreContract } from "./testing/contract/state-store-contract.ts";
export type {
  StatePlace,
  StateStoreCheck,
  StateStoreContractSubject,
} from "./testing/contract/state-store-contract.ts";
