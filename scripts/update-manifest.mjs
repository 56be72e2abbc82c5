// Signs packages of the desktop and writes latest.json beside them; publishes nothing. It is thrown away again when the program that was
// just built does not believe it. usage: update-manifest.mjs PROGRAM VERSION FOLDER PACKAGE…
// LUUMEN_UPDATE_KEY names the file of the private key, LUUMEN_UPDATE_KEY_PASSWORD opens it, LUUMEN_UPDATE_NOTES says what is new.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

const [program, version, folder, ...packages] = process.argv.slice(2);
const { LUUMEN_UPDATE_KEY: key, LUUMEN_UPDATE_KEY_PASSWORD: password = "", LUUMEN_UPDATE_NOTES: notes = "" } = process.env;
if (!key || packages.length === 0) throw new Error("LUUMEN_UPDATE_KEY and packages are needed");

/** The password goes by the environment: a command line can be read by everybody on the machine. */
function sign(file) {
  const env = { ...process.env, CI: "true", TAURI_SIGNING_PRIVATE_KEY_PASSWORD: password };
  execFileSync("npx", ["--no-install", "tauri", "signer", "sign", "--private-key-path", key, "--app-version", version, file], { env, stdio: ["ignore", "ignore", "inherit"] });
  return readFileSync(`${file}.sig`, "utf8").trim();
}

const told = (file) => ({ sha256: createHash("sha256").update(readFileSync(file)).digest("hex"), signature: sign(file) });
const manifest = { version, notes, date: new Date().toISOString(), packages: Object.fromEntries(packages.map((file) => [basename(file), told(file)])) };
const path = join(folder, "latest.json");
writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`);
for (const file of packages) {
  const { status, stdout, stderr } = spawnSync(program, ["--verify-update", path, file], { encoding: "utf8" });
  if (status === 0) {
    process.stdout.write(`  ${stdout}`);
    continue;
  }
  rmSync(path);
  process.stderr.write(`${basename(file)} is not what its own program believes, so there is no latest.json: ${stderr}`);
  process.exit(1);
}
