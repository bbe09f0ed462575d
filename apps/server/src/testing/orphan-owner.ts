// A process for tests: it owns a guard, a child of another session that ignores TERM, and a folder.
import { spawn } from "node:child_process";
import { startOrphanGuard } from "../processes/orphan-guard.ts";

const [folder = "", ending = "wait"] = process.argv.slice(2);
const guard = startOrphanGuard({ remove: [folder, "/etc/orphan-guard-test"] });
const script = "trap '' TERM; sleep 60 & echo $$ $!; while :; do wait; done";
const child = spawn("sh", ["-c", script], {
  detached: true,
  env: { ...process.env, ...guard.environment },
  stdio: ["ignore", "inherit", "ignore"],
});
if (ending === "close") {
  guard.close();
  child.unref();
}
