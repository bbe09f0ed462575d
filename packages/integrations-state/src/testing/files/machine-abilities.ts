import { spawnSync } from "node:child_process";

/** What starts a command with mounts of its own; null where this machine does not allow it. */
export function ownMounts(): readonly string[] | null {
  return allowed(["unshare", "--user", "--map-root-user", "--mount"]);
}

/** What starts a command as process 1 of a world of its own; null where this machine does not allow it. */
export function ownPids(): readonly string[] | null {
  return allowed(["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child"]);
}

/** A user without rights that can be taken on and can start this node; null where that is not so. */
export function unprivilegedUid(): number | null {
  const nobody = 65_534;
  if (process.getuid?.() !== 0) return null;
  const { status } = spawnSync(process.execPath, ["--version"], { uid: nobody, gid: nobody });
  return status === 0 ? nobody : null;
}

function allowed(launcher: readonly string[]): readonly string[] | null {
  const [command = "", ...words] = launcher;
  return spawnSync(command, [...words, "true"]).status === 0 ? launcher : null;
}
