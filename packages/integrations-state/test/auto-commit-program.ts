import { autoCommitIn } from "./auto-commit-fixture.ts";

// A program of its own that commits once, for tests that kill it: the repository, and the git to use.
const [repository = "", command = ""] = process.argv.slice(2);
process.stdout.write(JSON.stringify(await autoCommitIn(repository, { command }).autoCommit("error")));
