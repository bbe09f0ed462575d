export { createMemoryStore } from "./testing/memory-store.ts";
