import { describe, expect, it } from "vitest";
import { createDiagnostics } from "../diagnostics/diagnostic-hooks.ts";
import type { DiagnosticEvent } from "../diagnostics/diagnostic-hooks.ts";
import { emptyState } from "../state/empty-state.ts";
import { autoCommitIn, gitThatFirst, partsWithGitOn } from "../../test/auto-commit-fixture.ts";
import { makeGitRepository } from "../../test/git-repository.ts";
import { createMemoryStore } from "../testing/memory-store.ts";
import { createGitAutoCommit } from "./git-auto-commit.ts";

const fresh = () => ({ ...partsWithGitOn(), store: createMemoryStore(emptyState(new Date(0))) });

describe("the settings", () => {
  it("begin switched off, with the default events", async () => {
    const git = createGitAutoCommit(fresh());
    expect(await git.getGitAutoCommitConfig()).toEqual({
      enabled: false,
      on_events: ["session.end", "roadmap.exported", "task.sync"],
    });
  });

  it("keep what a change leaves out", async () => {
    const git = createGitAutoCommit(fresh());
    await git.setGitAutoCommitConfig({ on_events: ["error"] });
    expect(await git.setGitAutoCommitConfig({ enabled: true })).toEqual({
      enabled: true,
      on_events: ["error"],
    });
    expect(await git.setGitAutoCommitConfig({ on_events: ["task.sync"] })).toEqual({
      enabled: true,
      on_events: ["task.sync"],
    });
    expect(await git.setGitAutoCommitConfig({})).toEqual({ enabled: true, on_events: ["task.sync"] });
    expect(await git.getGitAutoCommitConfig()).toEqual({ enabled: true, on_events: ["task.sync"] });
  });

  it("show no events of a later version, keep those, and forget them when events are set", async () => {
    const parts = fresh();
    const git = createGitAutoCommit(parts);
    await parts.store.update((state) => {
      state.git_auto_commit.unknown_events = ["later.event"];
    });
    expect(await git.setGitAutoCommitConfig({ enabled: true })).not.toHaveProperty("unknown_events");
    expect((await parts.store.read()).git_auto_commit.unknown_events).toEqual(["later.event"]);
    await git.setGitAutoCommitConfig({ on_events: ["error"] });
    expect((await parts.store.read()).git_auto_commit).toEqual({ enabled: true, on_events: ["error"] });
  });

  it("name each event once", async () => {
    const git = createGitAutoCommit(fresh());
    const { on_events } = await git.setGitAutoCommitConfig({ on_events: ["error", "error", "task.sync"] });
    expect(on_events).toEqual(["error", "task.sync"]);
  });

  it("refuse unknown events, no events and wrong types, all at once, and stay as they were", async () => {
    const git = createGitAutoCommit(fresh());
    const before = await git.getGitAutoCommitConfig();
    await expect(
      // @ts-expect-error A caller without types.
      git.setGitAutoCommitConfig({ enabled: "yes", on_events: ["task.done"] }),
    ).rejects.toMatchObject({
      code: "INTEGRATIONS_INPUT_INVALID",
      details: {
        issues: [
          { field: "enabled", message: expect.stringContaining("true or false") },
          { field: "on_events.0", message: expect.stringContaining("session.start, session.end") },
        ],
      },
    });
    await expect(git.setGitAutoCommitConfig({ on_events: [] })).rejects.toThrow(/set enabled to false/);
    // @ts-expect-error A misspelt field.
    await expect(git.setGitAutoCommitConfig({ onEvents: [] })).rejects.toThrow(/enabled and on_events/);
    expect(await git.getGitAutoCommitConfig()).toEqual(before);
  });
});

describe("an event that is not committed on", () => {
  it("is skipped while auto-commit is off, also without a repository", async () => {
    const git = createGitAutoCommit(fresh());
    expect(await git.autoCommit("session.end")).toMatchObject({ status: "skipped", reason: "disabled" });
  });

  it("is skipped when it is not among the events, known or not", async () => {
    const git = createGitAutoCommit(fresh());
    await git.setGitAutoCommitConfig({ enabled: true });
    for (const event of ["task.created", "no.such.event", "constructor"]) {
      expect(await git.autoCommit(event)).toMatchObject({ status: "skipped", reason: "not_subscribed" });
    }
  });

  it("is skipped when the operator has named no repository", async () => {
    const git = createGitAutoCommit(partsWithGitOn());
    expect(await git.autoCommit("error")).toMatchObject({ status: "skipped", reason: "no_repository" });
  });
});

describe("the outcome", () => {
  it("is told to the diagnostics", async () => {
    using repository = makeGitRepository();
    const told: DiagnosticEvent[] = [];
    const parts = partsWithGitOn(told);
    const git = autoCommitIn(repository.folder, {}, parts);
    await git.autoCommit("error");
    repository.write("c.txt", "c\n");
    const outcome = await git.autoCommit("error");
    expect(told).toMatchObject([
      { name: "integrations.git.auto_commit", attributes: { event: "error", reason: "nothing_changed" } },
      { name: "integrations.git.auto_commit", attributes: { event: "error", status: "committed" } },
    ]);
    expect(outcome).toMatchObject({
      status: "committed",
      files: 1,
      commit: repository.git("rev-parse", "HEAD"),
    });
  });

  it("is a value when hooks throw and when the state cannot be read", async () => {
    using repository = makeGitRepository();
    const throwing = createDiagnostics({
      emitEvent: () => {
        throw new Error("broken");
      },
    });
    const git = autoCommitIn(repository.folder, {}, { diagnostics: throwing });
    expect(await git.autoCommit("error")).toMatchObject({ reason: "nothing_changed" });
    const store = { ...createMemoryStore(), read: () => Promise.reject(new Error("no disk")) };
    const unreadable = autoCommitIn(repository.folder, {}, { store });
    expect(await unreadable.autoCommit("error")).toMatchObject({
      status: "failed",
      code: "state_unavailable",
      message: expect.stringContaining("no disk"),
    });
  });

  it("shows no password that stands in a URL", async () => {
    using repository = makeGitRepository();
    const command = gitThatFirst("echo 'fatal: cannot read https://me:hunter2@example.org/x' >&2; exit 128");
    const outcome = await autoCommitIn(repository.folder, { command }).autoCommit("error");
    expect(outcome).toMatchObject({ status: "failed", code: "git_failed" });
    expect(JSON.stringify(outcome)).toContain("https://example.org/x");
    expect(JSON.stringify(outcome)).not.toContain("hunter2");
  });
});
