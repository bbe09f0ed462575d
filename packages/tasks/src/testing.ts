export { tasksContract } from "./testing/contract/tasks-contract.ts";
export type { TasksCheck, TasksContractSubject } from "./testing/contract/tasks-contract.ts";
export { passTime } from "./testing/pass-time.ts";
