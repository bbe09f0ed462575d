// @boundaries-ignore shared by all that starts servers
import { OWNER_VARIABLE } from "../../apps/server/src/processes/marked-processes.ts";

/** What a process of the suite needs of this one's environment. */
export function childEnvironment(): Record<string, string> {
  const names = ["PATH", "HOME", "TMPDIR", "SystemRoot", "NODE_COMPILE_CACHE", OWNER_VARIABLE];
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}
