// Packages are signed as a release is, with a key for this test only, and shown to the program itself.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { run } from "./child.mjs";
import { built, top } from "./places.mjs";

const PASSWORD = "only for this test";
const NAME = "Luumen_0_amd64.deb";

/** Why it cannot be shown here, if so. */
function missing() {
  try {
    built("luumen-desktop");
    return false;
  } catch {
    return "luumen-desktop is not built";
  }
}

const why = missing();
if (why) console.log(`skipped: signed updates are not shown to the program: ${why}`);

describe("updates of the desktop", { timeout: 360_000, skip: why }, () => {
  let folder, program, version, ours, other;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "luumen-updates-"));
    program = built("luumen-desktop");
    version = run(program, ["--version"]).stdout.trim().split(" ").at(-1);
    [ours, other] = ["ours", "other"].map(makeKey);
    writeFileSync(join(folder, NAME), "a package\n");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const manifest = () => join(folder, "latest.json");

  function makeKey(name) {
    const path = join(folder, name);
    run("npx", ["--no-install", "tauri", "signer", "generate", "--ci", "--password", PASSWORD, "--write-keys", path], { cwd: top });
    return { path, public: readFileSync(`${path}.pub`, "utf8").trim() };
  }

  /** Signs with one key, for a program that believes `ours`. */
  const sign = (key, signed = version) =>
    spawnSync(process.execPath, [join(top, "scripts", "update-manifest.mjs"), program, signed, folder, join(folder, NAME)], {
      cwd: top,
      encoding: "utf8",
      env: { ...process.env, LUUMEN_UPDATE_PUBKEY: ours.public, LUUMEN_UPDATE_KEY: key.path, LUUMEN_UPDATE_KEY_PASSWORD: PASSWORD, LUUMEN_UPDATE_NOTES: "What is new" },
    });

  /** What the program says of the files that are there. */
  const verify = () => spawnSync(program, ["--verify-update", manifest(), join(folder, NAME)], { encoding: "utf8", env: { ...process.env, LUUMEN_UPDATE_PUBKEY: ours.public } });

  const refused = ({ status, stderr }, words) => {
    assert.notEqual(status, 0, words);
    assert.match(stderr, words);
  };

  /** Changes the manifest, and says whether the program still believes the package; then it is as it was. */
  const relabelled = (change) => {
    const text = readFileSync(manifest(), "utf8");
    const all = JSON.parse(text);
    change(all);
    writeFileSync(manifest(), JSON.stringify(all));
    const seen = verify();
    writeFileSync(manifest(), text);
    return seen;
  };

  test("what is signed by our key is believed, and told of in latest.json", () => {
    const { status, stdout, stderr } = sign(ours);
    assert.equal(status, 0, stderr);
    assert.match(stdout, new RegExp(`is Luumen ${version.replaceAll(".", "\\.")}, signed by its key`));
    const told = JSON.parse(readFileSync(manifest(), "utf8"));
    assert.deepEqual([told.version, told.notes, Object.keys(told.packages)], [version, "What is new", [NAME]]);
    assert.match(told.packages[NAME].sha256, /^[0-9a-f]{64}$/);
    assert.equal(verify().status, 0);
  });

  test("a package that was altered is refused, also with its own sum", () => {
    assert.equal(verify().status, 0);
    const path = join(folder, NAME);
    writeFileSync(path, "a packagf\n");
    refused(verify(), /its SHA-256 is another one/);
    const sum = run("sha256sum", [path]).stdout.split(" ")[0];
    refused(relabelled((all) => (all.packages[NAME].sha256 = sum)), /not by the key of this program/);
    writeFileSync(path, "a package\n");
    assert.equal(verify().status, 0);
  });

  test("another version's name is not believed", () => {
    refused(relabelled((all) => (all.version = "99.0.0")), /and not for "version:99\.0\.0"/);
  });

  test("an older version is dropped, and does not pass for a newer one", () => {
    refused(sign(ours, "0.0.1"), /older than/);
    assert.ok(!existsSync(manifest()), "there is no latest.json");
    const signature = readFileSync(join(folder, `${NAME}.sig`), "utf8").trim();
    assert.equal(sign(ours).status, 0);
    refused(relabelled((all) => (all.packages[NAME].signature = signature)), /was made for "[^"]*version:0\.0\.1/);
  });

  test("what another key signed is dropped", () => {
    refused(sign(other), /not by the key of this program/);
    assert.ok(!existsSync(manifest()), "there is no latest.json");
  });

  test("a program without a key believes nobody", () => {
    assert.equal(sign(ours).status, 0);
    const { LUUMEN_UPDATE_PUBKEY, ...env } = process.env;
    refused(spawnSync(program, ["--verify-update", manifest(), join(folder, NAME)], { encoding: "utf8", env }), /built without a key/);
  });
});
