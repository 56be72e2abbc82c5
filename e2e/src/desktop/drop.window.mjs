// A file is dragged from outside onto the window and let go over the files of a host: it is carried there. The source is a client of X of
// its own (drop.py), so that the system, the web view and the screens do all that they do for a file manager's.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { eventually, start } from "../child.mjs";
import { openDesk } from "./desk.mjs";
import { newPerson } from "./person.mjs";
import { KEY } from "./webdriver.mjs";

const skip = ["xdotool", "python3"].every((name) => spawnSync(name, ["--version"]).status === 0) ? false : "xdotool or python3 is not installed";

describe("a file from outside", { timeout: 360_000, skip }, () => {
  let desk, person, host;

  before(async () => {
    person = newPerson();
    desk = await openDesk({ person });
    host = await person.host("web-1");
    await desk.keepHost(host, { credential: await desk.keyCredential(person.key) });
    await desk.open("web-1");
    await desk.panel("Files");
  });
  after(() => desk?.dispose());

  test("is dropped onto the files of a host, and lies there", async () => {
    const session = await desk.session();
    const { files, home } = await desk.call("files_open", { session: session.id });
    const folder = `${home}/dropped here`;
    await desk.call("files_mkdir", { files, path: folder });
    await (await desk.window.find(".side button[aria-label='Type a path']")).click();
    await desk.window.chord(KEY.control, "a");
    await (await desk.window.find(".side input[aria-label=Path]")).type(folder + KEY.enter);
    const list = await eventually("the empty folder", () =>
      desk.window.run(() => {
        const box = document.querySelector(".side [data-takes-files]")?.getBoundingClientRect();
        return box && { x: Math.round(box.x + box.width / 2), y: Math.round(box.y + box.height / 2) };
      }),
    );
    const file = join(person.home, "from outside, ä.txt");
    writeFileSync(file, "carried by hand\n");
    const [window] = spawnSync("xdotool", ["search", "--onlyvisible", "--name", "^Luumen$"], { encoding: "utf8" }).stdout.split("\n");
    const place = spawnSync("xdotool", ["getwindowgeometry", "--shell", window], { encoding: "utf8" }).stdout;
    const [left, top] = ["X", "Y"].map((name) => Number(new RegExp(`^${name}=(-?\\d+)`, "m").exec(place)[1]));
    // Not waited for with run(): the program it drops onto is asked meanwhile.
    const hand = start("python3", [join(import.meta.dirname, "drop.py"), window, left + list.x, top + list.y, file].map(String));
    await eventually("the hand to let go", () => hand.ended);
    assert.equal(hand.said.text, "");
    const there = `${folder}/from outside, ä.txt`;
    const done = await eventually("the transfer", async () => (await desk.call("transfers_list")).find(({ state }) => state === "done"));
    assert.equal(done.direction, "upload");
    const { entries } = await desk.call("files_list", { files, path: folder });
    assert.deepEqual(entries.map(({ path }) => path), [there]);
    assert.equal(readFileSync(there, "utf8"), "carried by hand\n");
  });
});
