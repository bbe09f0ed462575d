// Times all sides in a process of its own and prints them as JSON. Arguments: listeners, their kind, rounds.
import { argv, stdout } from "node:process";
import { timeSides } from "./hook-timing.ts";

const [size, kind, rounds] = argv.slice(2);
const timings = await timeSides(
  Number(size),
  kind === "asynchronous" ? "asynchronous" : "synchronous",
  Number(rounds),
);
stdout.write(JSON.stringify(timings));
