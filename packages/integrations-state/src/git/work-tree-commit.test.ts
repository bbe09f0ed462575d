import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { autoCommitIn } from "../../test/auto-commit-fixture.ts";
import { makeGitRepository } from "../../test/git-repository.ts";

describe("what is committed", () => {
  it("is every new, changed, renamed and deleted file, by the author of auto-commit", async () => {
    using repository = makeGitRepository({ "a.txt": "a\n", "b.txt": "b\n", "c.txt": "c\n" });
    repository.write("a.txt", "changed\n");
    rmSync(join(repository.folder, "b.txt"));
    repository.write('deep/er/ä "x"\t.txt', "new\n");
    const outcome = await autoCommitIn(repository.folder).autoCommit("task.sync", {
      summary: "Three things",
    });
    expect(outcome).toMatchObject({ status: "committed", files: 3 });
    expect(repository.git("ls-tree", "-r", "-z", "--name-only", "HEAD").split("\0").filter(Boolean)).toEqual([
      "a.txt",
      "c.txt",
      'deep/er/ä "x"\t.txt',
    ]);
    expect(repository.git("show", "HEAD:a.txt")).toBe("changed");
    expect(repository.git("log", "-1", "--format=%an <%ae> %cn %s")).toBe(
      "Git auto-commit <git-auto-commit@localhost> Git auto-commit task.sync: Three things",
    );
    expect(repository.git("log", "--format=%s")).toBe("task.sync: Three things\nfirst");
    expect(repository.status()).toEqual([]);
    expect(repository.git("reflog", "-1", "--format=%gs")).toBe("auto-commit");
  });

  it("is not what .gitignore names", async () => {
    using repository = makeGitRepository({ ".gitignore": "*.log\nbuild/\n" });
    repository.write("x.log", "noise\n");
    repository.write("build/out", "noise\n");
    const git = autoCommitIn(repository.folder);
    expect(await git.autoCommit("error")).toMatchObject({ reason: "nothing_changed" });
    repository.write("kept.txt", "kept\n");
    await git.autoCommit("error");
    expect(Object.keys(repository.committed())).toEqual([".gitignore", "kept.txt"]);
  });

  it("is only what lies in the folder that was named", async () => {
    using repository = makeGitRepository();
    repository.write("work/in.txt", "in\n");
    repository.write("a.txt", "outside\n");
    repository.git("add", "a.txt");
    const outcome = await autoCommitIn(join(repository.folder, "work")).autoCommit("error");
    expect(outcome).toMatchObject({ status: "committed", files: 1 });
    expect(repository.committed()).toEqual({ "a.txt": "a\n", "b.txt": "b\n", "work/in.txt": "in\n" });
    expect(repository.status()).toEqual(["M  a.txt"]);
  });

  it("is nothing when nothing has changed", async () => {
    using repository = makeGitRepository();
    const before = repository.git("rev-parse", "HEAD");
    expect(await autoCommitIn(repository.folder).autoCommit("error")).toMatchObject({
      status: "skipped",
      reason: "nothing_changed",
    });
    expect(repository.git("rev-parse", "HEAD")).toBe(before);
  });

  it("is the commit that a submodule stands at, not what has changed within", async () => {
    using inner = makeGitRepository({ "in.txt": "1\n" });
    using repository = makeGitRepository();
    repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner.folder, "sub");
    repository.git("commit", "--quiet", "--message=with a submodule");
    const git = autoCommitIn(repository.folder);
    repository.write("sub/in.txt", "not committed\n");
    expect(await git.autoCommit("error")).toMatchObject({ reason: "nothing_changed" });
    const within = ["-C", "sub"];
    repository.git(...within, "commit", "--quiet", "--all", "--message=within");
    expect(await git.autoCommit("error")).toMatchObject({ status: "committed", files: 1 });
    expect(repository.git("rev-parse", "HEAD:sub")).toBe(repository.git(...within, "rev-parse", "HEAD"));
  });

  it("leaves alone what lies outside of a sparse checkout", async () => {
    using repository = makeGitRepository({ "in/a.txt": "a\n", "out/b.txt": "b\n", "c.txt": "c\n" });
    repository.git("sparse-checkout", "set", "--cone", "in");
    repository.write("in/a.txt", "changed\n");
    expect(await autoCommitIn(repository.folder).autoCommit("error")).toMatchObject({ files: 1 });
    expect(repository.committed()).toEqual({ "c.txt": "c\n", "in/a.txt": "changed\n", "out/b.txt": "b\n" });
    expect(repository.status()).toEqual([]);
  });
});

describe("where it is committed", () => {
  it("is the first commit of a repository that has none, also with something staged", async () => {
    using empty = makeGitRepository(null);
    expect(await autoCommitIn(empty.folder).autoCommit("error")).toMatchObject({ reason: "nothing_changed" });
    empty.write("a.txt", "a\n");
    expect(await autoCommitIn(empty.folder).autoCommit("error")).toMatchObject({ files: 1 });
    expect(empty.git("log", "--format=%s")).toBe("error: 1 file");
    expect(empty.status()).toEqual([]);

    using staged = makeGitRepository(null);
    staged.write("a.txt", "staged\n");
    staged.git("add", "a.txt");
    staged.write("a.txt", "later\n");
    await autoCommitIn(staged.folder).autoCommit("error");
    expect(staged.committed()).toEqual({ "a.txt": "later\n" });
    expect(staged.git("show", ":a.txt")).toBe("staged");
  });

  it("is the branch that is checked out, and no remote", async () => {
    using repository = makeGitRepository();
    using remote = makeGitRepository(null);
    repository.git("remote", "add", "origin", remote.folder);
    repository.git("config", "push.default", "current");
    repository.git("switch", "--quiet", "--create", "work");
    repository.write("a.txt", "changed\n");
    await autoCommitIn(repository.folder).autoCommit("error");
    expect(repository.git("log", "--format=%s", "work")).toBe("error: 1 file\nfirst");
    expect(repository.git("log", "--format=%s", "main")).toBe("first");
    expect(remote.git("for-each-ref")).toBe("");
  });

  it("is HEAD itself when it is detached", async () => {
    using repository = makeGitRepository();
    repository.git("switch", "--quiet", "--detach");
    repository.write("a.txt", "changed\n");
    expect(await autoCommitIn(repository.folder).autoCommit("error")).toMatchObject({ status: "committed" });
    expect(repository.git("log", "-1", "--format=%s")).toBe("error: 1 file");
    expect(repository.git("log", "--format=%s", "main")).toBe("first");
    expect(repository.git("branch", "--show-current")).toBe("");
  });

  it("is a linked work tree, beside the others", async () => {
    using repository = makeGitRepository();
    repository.git("worktree", "add", "--quiet", "linked", "-b", "other");
    repository.write("linked/new.txt", "new\n");
    await autoCommitIn(join(repository.folder, "linked")).autoCommit("error");
    expect(repository.git("log", "--format=%s", "other")).toBe("error: 1 file\nfirst");
    expect(repository.git("-C", "linked", "status", "--porcelain")).toBe("");
  });

  it("is the repository that was named, whatever the environment says", async () => {
    using repository = makeGitRepository();
    using other = makeGitRepository();
    repository.write("a.txt", "changed\n");
    const environment = {
      PATH: process.env["PATH"],
      GIT_DIR: join(other.folder, ".git"),
      GIT_WORK_TREE: other.folder,
      GIT_INDEX_FILE: join(other.folder, "planted"),
      GIT_AUTHOR_NAME: "Somebody",
    };
    await autoCommitIn(repository.folder, { environment }).autoCommit("error");
    expect(repository.git("log", "-1", "--format=%s by %an")).toBe("error: 1 file by Git auto-commit");
    expect(other.git("log", "--format=%s")).toBe("first");
  });
});

describe("a repository's own programs", () => {
  it("do not run as hooks", async () => {
    using repository = makeGitRepository();
    const seen = join(repository.folder, ".git", "seen");
    mkdirSync(join(repository.folder, ".git", "hooks"), { recursive: true });
    for (const hook of [
      "pre-commit",
      "commit-msg",
      "post-commit",
      "reference-transaction",
      "post-index-change",
    ]) {
      const file = join(repository.folder, ".git", "hooks", hook);
      writeFileSync(file, `#!/bin/sh\necho ${hook} >> ${seen}\nexit 1\n`, { mode: 0o755 });
    }
    repository.write("a.txt", "changed\n");
    expect(await autoCommitIn(repository.folder).autoCommit("error")).toMatchObject({ status: "committed" });
    expect(existsSync(seen)).toBe(false);
  });

  it("see as filters only the environment that was handed over", async () => {
    using repository = makeGitRepository();
    repository.git("config", "filter.spy.clean", "sed 's/.*/'\"[$SECRET][$SHOWN]\"'/'");
    repository.write(".gitattributes", "*.spy filter=spy\n");
    repository.write("x.spy", "text\n");
    const environment = { PATH: process.env["PATH"], SHOWN: "shown" };
    process.env["SECRET"] = "secret";
    try {
      await autoCommitIn(repository.folder, { environment }).autoCommit("error");
    } finally {
      delete process.env["SECRET"];
    }
    expect(repository.git("show", "HEAD:x.spy")).toBe("[][shown]");
  });
});
