// Throw-away hosts: the system's own sshd on loopback. As root each one also stands in a mount namespace with a
// release, an account and a package database of its own, so that hosts differ and packages can change between two
// visits; without root all hosts are this machine, visited as this person.
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";

import { eventually, freePort, listens, run, start } from "./child.mjs";
import { program } from "./places.mjs";

const RELEASES = {
  bullseye: ["debian", "Debian GNU/Linux 11 (bullseye)", "11"],
  bookworm: ["debian", "Debian GNU/Linux 12 (bookworm)", "12"],
  trixie: ["debian", "Debian GNU/Linux 13 (trixie)", "13"],
  noble: ["ubuntu", "Ubuntu 24.04.1 LTS", "24.04"],
};

const SCAN_UID = 61_800;

/** True when every host can be a system of its own. */
export const apart =
  process.getuid() === 0 && existsSync("/var/lib/dpkg/status") && run("unshare", ["--mount", "true"], { allowed: [0, 1] }).status === 0;

/** The account that the agent signs in as. */
export const account = apart ? "luumen" : userInfo().username;

/** A pair of keys in a folder; answers the path of the secret half. */
export function makeKey(path) {
  if (!existsSync(path)) run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "luumen-e2e", "-f", path]);
  return path;
}

/**
 * Starts a host that lets the owner of `key` in. `asks` makes it want a password and a one-time code besides the key, both by the
 * system's PAM; `sudoers` is what its account may do; `net` is a network namespace in which it stands at `address`, port 22. All
 * three need hosts that are systems of their own.
 */
export async function startHost({ folder, name, release = "bookworm", key, asks, sudoers, net, address = "127.0.0.1" }) {
  const home = join(folder, name);
  mkdirSync(home, { recursive: true });
  chmodSync(home, 0o755);
  const port = net ? 22 : await freePort();
  makeKey(join(home, "host_key"));
  copyFileSync(`${key}.pub`, join(home, "authorized_keys"));
  chmodSync(join(home, "authorized_keys"), 0o644);
  const config = join(home, "sshd_config");
  writeFileSync(config, sshdConfig({ home, port, address, asks }));
  const sshd = program("sshd");
  if (process.getuid() === 0) mkdirSync("/run/sshd", { recursive: true });
  const inside = net ? ["nsenter", `--net=/run/netns/${net}`] : [];
  const command = apart ? [...inside, "unshare", "--mount", "--uts", "sh", "-e", script({ home, name, release, sshd, config, asks, sudoers })] : [sshd, "-D", "-e", "-f", config];
  const process_ = start(command[0], command.slice(1));
  await eventually(`sshd of ${name}`, async () => {
    if (process_.ended) throw new Error(process_.said.text);
    return net ? run(inside[0], [inside[1], program("ss"), "-Hltn", `sport = :${port}`]).stdout.includes(address) : listens(port);
  });
  return {
    name,
    port,
    address,
    stop: () => process_.stop(),
    /** Writes another version of a package into the host's own database. */
    upgrade(packageName, version) {
      if (!apart) return;
      const path = join(home, "status");
      const blocks = readFileSync(path, "utf8").split("\n\n");
      const changed = blocks.map((block) =>
        block.startsWith(`Package: ${packageName}\n`) ? block.replace(/^Version: .*$/m, `Version: ${version}`) : block,
      );
      writeFileSync(path, changed.join("\n\n"));
    },
    remove(packageName) {
      if (!apart) return;
      const path = join(home, "status");
      const blocks = readFileSync(path, "utf8").split("\n\n");
      writeFileSync(path, blocks.filter((block) => !block.startsWith(`Package: ${packageName}\n`)).join("\n\n"));
    },
  };
}

function sshdConfig({ home, port, address, asks }) {
  const locked = process.getuid() === 0 && !apart && /^root:!/m.test(readFileSync("/etc/shadow", "utf8"));
  return [
    `Port ${port}`,
    `ListenAddress ${address}`,
    `HostKey "${join(home, "host_key")}"`,
    `AuthorizedKeysFile "${join(home, "authorized_keys")}"`,
    ...(asks ? ["AuthenticationMethods publickey,password,keyboard-interactive"] : []),
    `PasswordAuthentication ${asks ? "yes" : "no"}`,
    `KbdInteractiveAuthentication ${asks ? "yes" : "no"}`,
    `UsePAM ${locked || asks ? "yes" : "no"}`,
    "StrictModes no",
    "Subsystem sftp internal-sftp",
    "PidFile none",
    "LogLevel ERROR",
    "",
  ].join("\n");
}

/** Lays the host's own files over this machine's, for this host only, and becomes its sshd. */
function script({ home, name, release, sshd, config, asks, sudoers }) {
  const [id, pretty, version] = RELEASES[release];
  const file = (path, text, mode = 0o644) => {
    writeFileSync(join(home, path), text);
    chmodSync(join(home, path), mode);
  };
  mkdirSync(join(home, "home"), { recursive: true });
  chmodSync(join(home, "home"), 0o755);
  chownSync(join(home, "home"), SCAN_UID, SCAN_UID);
  file("os-release", `ID=${id}\nPRETTY_NAME="${pretty}"\nVERSION_ID="${version}"\nVERSION_CODENAME=${release}\n`);
  file("passwd", `${readFileSync("/etc/passwd", "utf8")}luumen:x:${SCAN_UID}:${SCAN_UID}:Luumen:${join(home, "home")}:/bin/sh\n`);
  file("shadow", `${readFileSync("/etc/shadow", "utf8")}luumen:*:19000:0:99999:7:::\n`, 0o600);
  file("group", `${readFileSync("/etc/group", "utf8")}luumen:x:${SCAN_UID}:\n`);
  file("hostname", `${name}\n`);
  if (!existsSync(join(home, "status"))) copyFileSync("/var/lib/dpkg/status", join(home, "status"));
  chmodSync(join(home, "status"), 0o644);
  const over = {
    "os-release": "/usr/lib/os-release",
    passwd: "/etc/passwd",
    shadow: "/etc/shadow",
    group: "/etc/group",
    hostname: "/etc/hostname",
    status: "/var/lib/dpkg/status",
  };
  if (asks) {
    file("check", checkInTurn(asks), 0o755);
    // The second line gives the credentials that the first has none of.
    const stack = [`auth requisite pam_exec.so quiet expose_authtok ${join(home, "check")}`, "auth required pam_permit.so", "account required pam_permit.so", "session required pam_permit.so"];
    file("pam", `${stack.join("\n")}\n`);
    over.pam = "/etc/pam.d/sshd";
  }
  if (sudoers !== undefined) {
    file("sudoers", `Defaults !requiretty, !use_pty\nroot ALL=(ALL:ALL) ALL\n${sudoers}\n`, 0o440);
    over.sudoers = "/etc/sudoers";
  }
  const path = join(home, "start.sh");
  writeFileSync(
    path,
    [
      "mount --make-rprivate /",
      ...Object.entries(over).map(([own, target]) => `mount --bind '${join(home, own)}' '${target}'`),
      `hostname '${name}'`,
      `exec '${sshd}' -D -e -f '${config}'`,
      "",
    ].join("\n"),
  );
  return path;
}

/** What PAM asks whether an answer is right: the password first, the code after it. */
function checkInTurn({ password, code }) {
  return [
    "#!/bin/sh",
    "typed=$(tr -d '\\000')",
    'turn=$(cat "$0.turn" 2>/dev/null || echo password)',
    "case $turn in",
    `  password) [ "$typed" = '${password}' ] && echo code >"$0.turn" ;;`,
    `  code) [ "$typed" = '${code}' ] && echo password >"$0.turn" ;;`,
    "esac",
    "",
  ].join("\n");
}
