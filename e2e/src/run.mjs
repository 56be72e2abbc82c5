// Runs test files: `run.mjs [--at-once N] FILE…`. Where TRIES=2 says so (the merge check does), the files in which something failed are run
// once more, alone: what a busy machine upsets must not hold up everybody else's work, nor be hidden. The last lines are for scripts/test.sh.
import { relative } from "node:path";
import { pipeline } from "node:stream/promises";
import { run } from "node:test";
import { spec, tap } from "node:test/reporters";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({ allowPositionals: true, options: { "at-once": { type: "string", default: "1" } } });
const files = [...new Set(positionals)].sort();
if (files.length === 0) throw new Error("run.mjs: name the test files");
const tries = Number(process.env.TRIES ?? 1);
const name = (file) => relative(process.cwd(), file);

/** Runs files and answers the tests that passed, by file, and the files in which something failed. */
async function once(files, concurrency) {
  const passed = new Map();
  const failed = new Set();
  const tests = run({ files, concurrency });
  tests.on("test:pass", ({ file, details, skip, todo }) => {
    if (details.type !== "suite" && skip === undefined && todo === undefined) passed.set(file, (passed.get(file) ?? 0) + 1);
  });
  tests.on("test:fail", ({ file, todo }) => todo === undefined && failed.add(file));
  await pipeline(tests.compose(process.stdout.isTTY ? new spec() : tap), process.stdout, { end: false });
  return { passed, failed: [...failed] };
}

const first = await once(files, Number(values["at-once"]));
let { failed } = first;
if (failed.length > 0 && tries > 1) {
  console.log(`# run once more: ${failed.map(name).join(", ")}`);
  const again = await once(failed, 1);
  for (const file of failed) {
    first.passed.set(file, again.passed.get(file) ?? 0);
    if (!again.failed.includes(file)) console.log(`skipped: ${name(file)}: passed only when it was run again`);
  }
  ({ failed } = again);
}
console.log(`passed in all: ${[...first.passed.values()].reduce((sum, passed) => sum + passed, 0)}`);
if (failed.length > 0) {
  console.log(`failed in: ${failed.map(name).join(", ")}`);
  process.exitCode = 1;
}
