import { testEngines } from "@core/database/testing";
import type { Dispatcher, GrowingDelivery, StreamSink } from "@core/registry";
import { afterAll, describe, expect, it } from "vitest";
import type { TaskHandler } from "../task/task-run.ts";
import type { RecordingDispatcher, TasksFixture } from "../testing/tasks-fixture.ts";
import { createTasksFixtures, recordingDispatcher } from "../testing/tasks-fixture.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

const hello: TaskHandler = async (_task, { stream }) => {
  for (const piece of ["Hel", "l", "o"]) stream().append(piece);
  await stream().finish();
  return "Hello";
};

describe.each(testEngines)("a result that grows on %s", (engine) => {
  it("is shown where it goes, and delivered with what was shown", async () => {
    const streams: GrowingDelivery[] = [];
    const shown: string[] = [];
    const rig = await runWith(await fixtures.open(engine), hello, {
      stream(delivery, { partSent }): StreamSink {
        streams.push(delivery);
        return {
          append: (text) => void shown.push(text),
          async finish() {
            await partSent({ index: 0, external_id: "m0", shows: "" });
            await partSent({ index: 0, external_id: "m0", shows: shown.join("") });
          },
        };
      },
    });
    expect(shown.join("")).toBe("Hello");
    expect(streams).toMatchObject([
      { task_id: rig.taskId, dispatch_type: "chat", target: { room: 1 }, bot: null, sent_parts: [] },
    ]);
    expect(rig.recorder.deliveries).toMatchObject([
      {
        id: streams[0]?.id,
        payload: { result: { text: "Hello" } },
        sent_parts: [{ shows: "" }, { index: 0, external_id: "m0", shows: "Hello" }],
      },
    ]);
  });

  it("is delivered when it is whole where nothing can be shown before", async () => {
    const { recorder } = await runWith(await fixtures.open(engine), hello, {});
    expect(recorder.deliveries).toMatchObject([{ payload: { result: { text: "Hello" } }, sent_parts: [] }]);
  });

  it("keeps no line where its dispatcher shows nothing before the end", async () => {
    const fixture = await fixtures.open(engine);
    const asked: unknown[] = [];
    const streamsTo = (target: unknown): boolean => asked.push(target) === 0;
    let entered = -1;
    const handler: TaskHandler = async (task, context) => {
      const result = await hello(task, context);
      entered = await fixture.count("delivery");
      return result;
    };
    const { recorder } = await runWith(fixture, handler, { streamsTo, stream: fail });
    expect([asked, entered]).toEqual([[{ room: 1 }], 0]);
    expect(recorder.deliveries).toMatchObject([{ payload: { result: { text: "Hello" } }, sent_parts: [] }]);
  });

  it.each<readonly [string, Dispatcher["stream"]]>([
    ["cannot begin", () => fail()],
    ["takes nothing", () => ({ append: fail, finish: async () => {} })],
    ["cannot end", () => ({ append: () => {}, finish: () => Promise.reject(new Error("no end")) })],
  ])("is delivered all the same when its stream %s", async (_why, stream) => {
    const { recorder } = await runWith(await fixtures.open(engine), hello, { ...(stream && { stream }) });
    expect(recorder.deliveries).toMatchObject([{ payload: { result: { text: "Hello" } } }]);
  });
});

function fail(): never {
  throw new Error("broken");
}

interface Rig {
  readonly recorder: RecordingDispatcher;
  readonly taskId: string;
}

/** Lets a worker run one task and deliver its result. */
async function runWith(
  { tasks, dispatchers }: TasksFixture,
  handler: TaskHandler,
  more: Partial<Dispatcher>,
): Promise<Rig> {
  const recorder = recordingDispatcher(undefined, more);
  dispatchers.register("chat", recorder, { owner: "test" });
  const receipt = await tasks.enqueue({ type: "t", dispatch_type: "chat", dispatch_config: { room: 1 } });
  const worker = tasks.createWorker({ handlers: { t: handler } });
  await worker.runUntilIdle();
  await worker.stop();
  return { recorder, taskId: receipt.task.id };
}
