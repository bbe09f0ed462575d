import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger, systemClock } from "@core/registry";
import { createOutbound } from "@core/outbound";
import type { DiagnosticEvent } from "../src/diagnostics/diagnostic-hooks.ts";
import { createDiagnostics } from "../src/diagnostics/diagnostic-hooks.ts";
import { INTEGRATION_EVENTS } from "../src/events/event-names.ts";
import type { GitAutoCommit, GitAutoCommitOptions } from "../src/git/git-auto-commit.ts";
import { createGitAutoCommit } from "../src/git/git-auto-commit.ts";
import type { IntegrationsParts } from "../src/integrations-parts.ts";
import { createSecretBox } from "../src/secrets/secret-box.ts";
import { emptyState } from "../src/state/empty-state.ts";
import { createMemoryStore } from "../src/testing/memory-store.ts";
import { plainEnvironment } from "./git-repository.ts";

/** The parts of an instance whose git auto-commit is switched on for every event. */
export function partsWithGitOn(events: DiagnosticEvent[] = []): IntegrationsParts {
  const state = emptyState(new Date(0));
  state.git_auto_commit = { enabled: true, on_events: [...INTEGRATION_EVENTS] };
  return {
    store: createMemoryStore(state),
    secrets: createSecretBox(null),
    outbound: createOutbound(),
    diagnostics: createDiagnostics({ emitEvent: (event) => void events.push(event) }),
    clock: systemClock,
    random: () => 0,
    logger: silentLogger,
  };
}

/** Auto-commit in a folder, switched on for every event. */
export function autoCommitIn(
  repository: string,
  options: Partial<GitAutoCommitOptions> = {},
  parts: Partial<IntegrationsParts> = {},
): GitAutoCommit {
  const git = { repository, environment: plainEnvironment, ...options };
  return createGitAutoCommit({ ...partsWithGitOn(), ...parts }, { git });
}

/** A program that does something before, or in place of, what git would do: a line of shell that sees `$@`. */
export function gitThatFirst(line: string): string {
  const file = join(mkdtempSync(join(tmpdir(), "git-wrapper-")), "git");
  writeFileSync(file, `#!/bin/sh\n${line}\nexec git "$@"\n`);
  chmodSync(file, 0o755);
  return file;
}
