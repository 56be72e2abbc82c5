import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";

import { SHELL_MARKS } from "./shellMarks";

const ESC = String.fromCharCode(0x1b);
const BEL = String.fromCharCode(0x07);
const mark = (body: string) => `${ESC}]133;${body}${BEL}`;

/** What bash says for itself where it has no terminal; nothing of it comes from the lines. */
const NO_TERMINAL = /^bash: (cannot set terminal process group|initialize_job_control|no job control)/;

function bash(before: string, after: string) {
  const input = `${before}\n${SHELL_MARKS.bash}\n${after}\nexit 0\n`;
  const { stdout, stderr, error } = spawnSync("bash", ["--norc", "--noprofile", "--noediting", "-i"], {
    input,
    encoding: "utf8",
    timeout: 10_000,
    env: { PATH: process.env.PATH ?? "", LC_ALL: "C", PS1: "", HISTFILE: "" },
  });
  if (error) throw error;
  // A prompt and what PS0 writes go to stderr too; they are the marks B and C.
  const said = stderr
    .replaceAll(mark("B"), "")
    .replaceAll(mark("C"), "")
    .split("\n")
    .filter((line) => line !== "" && line !== "exit" && !NO_TERMINAL.test(line));
  return { stdout, stderr, said };
}

describe("the lines for bash, in bash", () => {
  test("each prompt says that it begins and how the command before it ended", () => {
    const { stdout, stderr, said } = bash("", "true\n(exit 7)\nfalse");
    for (const code of [0, 7, 1]) expect(stdout).toContain(mark(`D;${code}`) + mark("A"));
    expect(stderr).toContain(mark("B"));
    expect(stderr).toContain(mark("C"));
    expect(said).toEqual([]);
  });

  test.each([["one command", "PROMPT_COMMAND='echo kept:$?'"], ["a list", "PROMPT_COMMAND=('echo kept:$?')"]])(
    "%s that was to run before each prompt still does, and sees the exit code",
    (_, before) => {
      const { stdout, said } = bash(before, "(exit 7)");
      expect(stdout).toContain(`${mark("D;7")}${mark("A")}kept:7`);
      expect(said).toEqual([]);
    },
  );
});

test("no line says a backslash that only the source needs", () => {
  for (const lines of Object.values(SHELL_MARKS)) expect(lines).not.toMatch(/\\[$`{]/);
});

test("zsh is handed escapes where it reads them, and keeps the hooks that are there", () => {
  expect(SHELL_MARKS.zsh).toContain(String.raw`$'%{\e]133;B\a%}'`);
  expect(SHELL_MARKS.zsh).not.toMatch(/^pre(cmd|exec)\(\)/m);
});
