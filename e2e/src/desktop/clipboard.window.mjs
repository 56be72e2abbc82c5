// What was copied is pasted in the real window: by the key, by the palette, and only after a look where it could run by itself.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { eventually } from "../child.mjs";
import { openDesk } from "./desk.mjs";
import { newPerson } from "./person.mjs";
import { KEY } from "./webdriver.mjs";

describe("copying and pasting in the window", { timeout: 540_000 }, () => {
  let desk;

  before(async () => {
    const person = newPerson();
    desk = await openDesk({ person });
    const host = await person.host("web-1");
    await desk.keepHost(host, { credential: await desk.keyCredential(person.key) });
    await desk.open("web-1");
  });
  after(() => desk?.dispose());

  const copied = (text) => desk.window.run((text) => navigator.clipboard.writeText(text).then(() => null), text);
  const byPalette = async (words) => {
    await desk.window.chord(KEY.control, KEY.shift, "K");
    await (await desk.window.find(".palette-input input")).type(words);
    await (await desk.window.find("[role=option]", words)).click();
  };

  test("the key pastes", async () => {
    await copied("echo by-the-''key");
    await desk.window.chord(KEY.control, KEY.shift, "V");
    await desk.shows("echo by-the-''key");
    await desk.type(KEY.enter);
    await desk.shows("by-the-key");
  });

  test("the palette pastes", async () => {
    await copied("echo by-the-''palette");
    await byPalette("Paste");
    await desk.shows("echo by-the-''palette");
    await desk.type(KEY.enter);
    await desk.shows("by-the-palette");
  });

  test("what would run at once is looked at first", async () => {
    await copied("echo look''ed\necho at''it\n");
    await byPalette("Paste");
    await desk.window.find("[role=dialog]", "Paste");
    assert.doesNotMatch(await desk.shown(), /looked/);
    await desk.window.chord(KEY.escape);
    await eventually("the question to go", () => desk.window.absent("[role=dialog]"));
    assert.doesNotMatch(await desk.shown(), /looked/);
  });
});
