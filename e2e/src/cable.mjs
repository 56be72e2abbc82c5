// A cable between this machine and a host that stands in a network namespace of its own, so that it can be cut. Root only.
import { readlinkSync } from "node:fs";

import { eventually, run } from "./child.mjs";
import { program } from "./places.mjs";

/** Whether this machine lets us have cables. */
export function mayPlug() {
  try {
    const link = ["link", "add", "here", "type", "veth", "peer", "name", "there"];
    return process.getuid() === 0 && run("unshare", ["--net", program("ip"), ...link], { allowed: [0, 1, 2] }).status === 0 && program("nsenter") !== "";
  } catch {
    return false;
  }
}

/** The cable of a host, by a number that no other host has. It is gone when the host is. */
export function cableOf(number) {
  // Addresses that are set aside for tests of networks (RFC 2544), four for each cable.
  const net = `198.18.${(number >> 6) & 255}`;
  const first = (number & 63) * 4;
  const [here, there] = [`${net}.${first + 1}`, `${net}.${first + 2}`];
  let pid;
  return {
    there,
    setUp: [
      "ip link set lo up",
      "until ip link show eth0 >/dev/null 2>&1; do sleep 0.05; done",
      `ip address add ${there}/30 dev eth0`,
      "ip link set eth0 up",
    ],
    async plugIn(host) {
      pid = host;
      const ours = readlinkSync("/proc/self/ns/net");
      await eventually("the host's own network", () => readlinkSync(`/proc/${pid}/ns/net`) !== ours);
      const end = `lum${pid}`;
      run("ip", ["link", "add", end, "type", "veth", "peer", "name", "eth0", "netns", String(pid)]);
      run("ip", ["address", "add", `${here}/30`, "dev", end]);
      run("ip", ["link", "set", end, "up"]);
    },
    // At the host's end, so that this side keeps its route and waits, as it does for a cable somewhere on the way.
    set: (state) => run("nsenter", ["--net", "--target", String(pid), "ip", "link", "set", "eth0", state]),
  };
}
