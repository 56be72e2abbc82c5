// P4: session traffic goes straight from the device to the host. Runs everything of the desktop in a network namespace in which only
// the host can be reached, and looks at every packet that leaves it.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { apart } from "../hosts.mjs";
import { program } from "../places.mjs";
import { atTheDesk, makeNetworks } from "./namespaces.mjs";

const WITHIN_MS = 280_000;

/** Why it cannot be shown here, if so. */
function missing() {
  if (!apart) return "it needs root, and hosts that are systems of their own";
  for (const name of ["ip", "ss", "nsenter", "python3"]) {
    try {
      program(name);
    } catch (error) {
      return error.message;
    }
  }
  try {
    makeNetworks().dispose();
    return null;
  } catch (error) {
    return `no network namespaces: ${error.message}`;
  }
}

const why = missing();
if (why) console.log(`skipped: that packets go to the host and nowhere else is not shown: ${why}`);

test("where only the host can be reached, everything works, and packets go to the host and nowhere else", { timeout: WITHIN_MS + 10_000, skip: why ?? false }, () => {
  const networks = makeNetworks();
  const folder = mkdtempSync(join(tmpdir(), "luumen-network-"));
  try {
    const inside = new URL("network.inside.mjs", import.meta.url).pathname;
    const [command, ...args] = atTheDesk(networks, folder, [
      "dbus-run-session", "--", "xvfb-run", "-a", "-s", "-screen 0 1280x800x24", process.execPath, "--test-reporter=spec", inside,
    ]);
    // Without the context of this test the other one tells in its own words; without a screen and a bus it has its own.
    const { NODE_TEST_CONTEXT, DISPLAY, XAUTHORITY, DBUS_SESSION_BUS_ADDRESS, ...env } = process.env;
    const { status, stdout, stderr } = spawnSync(command, args, {
      encoding: "utf8",
      env: { ...env, LUUMEN_E2E_NETWORKS: JSON.stringify(networks) },
      timeout: WITHIN_MS,
    });
    console.log(stdout.split("\n").filter((line) => /^(captured|stray)/.test(line)).join("\n"));
    assert.equal(status, 0, `${stdout}\n${stderr}`);
    assert.match(stdout, /captured \d+ packets to the host/, "it was shown and not skipped");
  } finally {
    networks.dispose();
    rmSync(folder, { recursive: true, force: true });
    assert.ok(!existsSync(`/run/netns/${networks.desk}`), "the namespaces are gone");
  }
});
