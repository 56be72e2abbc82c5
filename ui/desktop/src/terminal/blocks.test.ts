import { describe, expect, test } from "vitest";

import { BlockTracker, folderIn, neighbourPrompt, type Block } from "./blocks";

/** A terminal of which only the cursor's line and what stands behind the prompt are known. */
function shell() {
  let line = 0;
  let time = 1000;
  let typed = "";
  const changed: Block[] = [];
  const tracker = new BlockTracker(
    { mark: () => ({ line }), typed: () => typed, column: () => 2, now: () => time },
    (block) => changed.push(block),
  );
  return {
    tracker,
    changed,
    at(next: number, ms = time) {
      line = next;
      time = ms;
    },
    types(text: string) {
      typed = text;
    },
    run(command: string, exit: string) {
      tracker.handle("A");
      tracker.handle("B");
      typed = command;
      line += 1;
      tracker.handle("C");
      line += 3;
      time += 500;
      tracker.handle(exit);
    },
  };
}

test("a command becomes a block with its text, its time and how it ended", () => {
  const { tracker, run } = shell();
  run("false", "D;1");
  expect(tracker.blocks).toHaveLength(1);
  expect(tracker.blocks[0]).toMatchObject({ command: "false", exit: 1, started_at: 1000, ended_at: 1500 });
  expect(tracker.blocks[0]?.end?.line).toBe(4);
});

describe("how a command ended", () => {
  test.each([
    ["D;0", 0],
    ["D;130", 130],
    ["D", null],
    ["D;what", null],
    ["D;2;aid=7", 2],
  ])("%s", (mark, exit) => {
    const { tracker, run } = shell();
    run("x", mark);
    expect(tracker.blocks[0]?.exit).toBe(exit);
  });
});

test("a prompt that is drawn again is the same block", () => {
  const { tracker } = shell();
  tracker.handle("A");
  tracker.handle("A");
  tracker.handle("D;0");
  tracker.handle("A");
  expect(tracker.blocks).toHaveLength(1);
});

test("a shell that names the command is believed", () => {
  const { tracker } = shell();
  tracker.handle("A");
  tracker.handle("C;cmdline_url=ls%20-la");
  expect(tracker.blocks[0]?.command).toBe("ls -la");
});

test("marks out of order change nothing", () => {
  const { tracker } = shell();
  tracker.handle("D;1");
  tracker.handle("C");
  expect(tracker.blocks).toHaveLength(0);
  expect(tracker.handle("Z")).toBe(false);
});

test("a command that was cut off by a lost connection has no end", () => {
  const { tracker } = shell();
  tracker.handle("A");
  tracker.handle("C");
  tracker.reset();
  tracker.handle("D;0");
  expect(tracker.blocks[0]).toMatchObject({ exit: null, ended_at: null });
});

test("jumps go to the next prompt in each direction", () => {
  const { tracker, run } = shell();
  run("a", "D;0");
  run("b", "D;0");
  const prompts = tracker.blocks.map((block) => block.prompt.line);
  expect(prompts).toEqual([0, 4]);
  expect(neighbourPrompt(tracker.blocks, 3, -1)).toBe(0);
  expect(neighbourPrompt(tracker.blocks, 3, 1)).toBe(4);
  expect(neighbourPrompt(tracker.blocks, 0, -1)).toBeNull();
});

test("OSC 7 names the folder", () => {
  expect(folderIn("file://db-3/var/log/my%20app")).toBe("/var/log/my app");
  expect(folderIn("nonsense")).toBeNull();
});
