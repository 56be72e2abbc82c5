#!/usr/bin/env python3
"""bench/collect: how fast is a fleet collected, beside what people use today?

Runs ours, asyncssh (same script), OpenSSH + xargs (same script) and ansible-core (setup + package_facts) in turn
against the same real sshd hosts, several rounds, and prints for each: hosts/s, client CPU per host, peak memory of the
client's processes, and the ratio of ours to it, round by round (the median is the one to quote). The hosts run on this
machine too, so hosts/s holds the work of both sides; client CPU is the client's alone.

Ours runs twice, because an agent visits a host again and again. "first visit" reads everything, as the peers do at each
of their visits, and keeps what it may. "again" is the same hosts visited once more with nothing changed on them since:
they are not asked again for package lists and updates (docs/adr/0019). The facts that come home are the same, but the
hosts do less for them, so this is the ratio of what a fleet feels at most visits, not of how fast the clients are. A
peer that kept its answers in the same way would gain as much; none of them does.

With --floor ours and asyncssh run an empty script too: what a connection and a shell cost, whatever is asked.

With --client-share 5 each client gets 5 % of one core (a control group with a quota). The hosts on this machine then have
cores to spare, as hosts that are machines of their own have, and hosts/s is what the client makes of its share. A client's own
start is in it (asyncssh's takes as long as some 25 hosts), so take more hosts there.

usage: run.py [--hosts 40] [--rounds 5] [--concurrency 16] [--ansible-rounds 1] [--no-ansible] [--floor] [--client-share PERCENT]
needs: root, the host launcher of the shared tools (LUUMEN_SHARED, default ../shared), python3-venv.
"""
import argparse, json, os, resource, statistics, subprocess, sys, threading, time
from pathlib import Path

FIRST, AGAIN = "ours, first visit", "ours, again"
HERE = Path(__file__).resolve().parent
TOP = HERE.parent.parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "luumen"
SHARED = Path(os.environ.get("LUUMEN_SHARED", TOP.parent / "shared"))
HOSTS_SH = SHARED / "tools/ssh-hosts/hosts.sh"
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", TOP / "target"))
HOSTS_DIR = Path(os.environ.get("LUUMEN_HOSTS_DIR", Path.home() / ".cache/luumen-hosts"))


class MemoryWatch(threading.Thread):
    """Peak of the summed PSS of a process group, looked at every 100 ms."""

    def __init__(self, group):
        super().__init__(daemon=True)
        self.group, self.peak_kib, self.over = group, 0, False

    def run(self):
        while not self.over:
            total = 0
            for entry in os.listdir("/proc"):
                if not entry.isdigit():
                    continue
                try:
                    stat = Path(f"/proc/{entry}/stat").read_text().rsplit(")", 1)[1].split()
                    if int(stat[2]) != self.group:
                        continue
                    for line in Path(f"/proc/{entry}/smaps_rollup").read_text().splitlines():
                        if line.startswith("Pss:"):
                            total += int(line.split()[1])
                            break
                except (OSError, IndexError, ValueError):
                    continue
            self.peak_kib = max(self.peak_kib, total)
            time.sleep(0.1)


class Share:
    """A control group whose processes get so much of one core; without a number, no group."""

    PERIOD_US = 20_000

    def __init__(self, percent):
        self.group = None
        if percent is None:
            return
        if not 1 <= percent <= 100:
            sys.exit("--client-share is a percentage of one core, from 1 to 100")
        base, quota = Path("/sys/fs/cgroup"), int(self.PERIOD_US * percent / 100)
        older = base / "cpu"
        self.group = (older if older.is_dir() else base) / f"luumen-bench-{os.getpid()}"
        try:
            if not older.is_dir():
                (base / "cgroup.subtree_control").write_text("+cpu")
            self.group.mkdir()
            if older.is_dir():
                (self.group / "cpu.cfs_period_us").write_text(str(self.PERIOD_US))
                (self.group / "cpu.cfs_quota_us").write_text(str(quota))
            else:
                (self.group / "cpu.max").write_text(f"{quota} {self.PERIOD_US}")
        except OSError as error:
            sys.exit(f"--client-share: this system gives no control group with a quota of CPU ({error})")

    def join(self):
        """In the child, before it becomes the client."""
        if self.group:
            (self.group / "cgroup.procs").write_text(str(os.getpid()))

    def end(self):
        if not self.group:
            return
        for _ in range(50):
            try:
                return self.group.rmdir()
            except OSError:  # what a client began and left behind is still ending
                time.sleep(0.1)
        print(f"{self.group} is left behind: something in it still runs", file=sys.stderr)


def measure(command, share):
    """One run: what it printed, its CPU seconds (all its children too) and its peak memory."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True, preexec_fn=share.join, env=os.environ | {"LC_ALL": "C.UTF-8"})
    watch = MemoryWatch(child.pid)
    watch.start()
    out, _ = child.communicate()
    wall = time.monotonic() - began
    watch.over = True
    watch.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    answer = json.loads(out.decode().strip().splitlines()[-1])
    return {"ok": answer["ok"], "hosts": answer["hosts"], "unchanged": answer.get("unchanged", 0), "facts": answer.get("facts"), "wall_s": wall, "cpu_s": cpu, "peak_mib": watch.peak_kib / 1024}


def venv():
    home = CACHE / "bench-venv"
    if not (home / "bin/ansible-playbook").exists():
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
        subprocess.run([home / "bin/pip", "install", "-q", "asyncssh", "ansible-core"], check=True)
    return home / "bin"


def python_in_roots():
    """Ansible needs Python on its hosts; ours does not. Put it into the roots once."""
    roots = HOSTS_DIR / "rootfs"
    for root in roots.iterdir():
        if (root / "usr/bin/python3").exists():
            continue
        if (root / "usr/bin/apt-get").exists():
            script = "apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install python3 python3-apt python3-rpm"
            subprocess.run(["chroot", root, "sh", "-c", script], check=True, stdout=subprocess.DEVNULL)
    donor, rocky = roots / "bookworm", roots / "rocky9"
    if rocky.exists() and not (rocky / "usr/bin/python3").exists():
        subprocess.run(f"cp -an {donor}/usr/lib/python3* {rocky}/usr/lib/ && cp -an {donor}/usr/bin/python3* {rocky}/usr/bin/"
                       f" && cp -an {donor}/usr/lib/x86_64-linux-gnu/. {rocky}/usr/lib/x86_64-linux-gnu/", shell=True, check=True)


def main():
    ask = argparse.ArgumentParser()
    ask.add_argument("--hosts", type=int, default=40)
    ask.add_argument("--rounds", type=int, default=5)
    ask.add_argument("--concurrency", type=int, default=16)
    ask.add_argument("--ansible-rounds", type=int, default=1)
    ask.add_argument("--no-ansible", action="store_true")
    ask.add_argument("--floor", action="store_true")
    ask.add_argument("--client-share", type=int)
    told = ask.parse_args()
    if os.geteuid() != 0 or not HOSTS_SH.exists():
        sys.exit(f"skipped: needs root and {HOSTS_SH} (set LUUMEN_SHARED)")
    bin_dir = venv()
    os.environ["PATH"] = f"{bin_dir}:{os.environ['PATH']}"
    subprocess.run(["cargo", "build", "-q", "--release", "-p", "luumen-bench-collect"], cwd=TOP, check=True)
    ours = TARGET / "release/luumen-bench-collect"
    if not (HOSTS_DIR / "rootfs/rocky9/.ok").exists():
        subprocess.run(["bash", HOSTS_SH, "roots"], check=True)
    if not told.no_ansible:
        python_in_roots()
    share = Share(told.client_share)
    subprocess.run(["bash", HOSTS_SH, "up", str(told.hosts)], check=True, stdout=subprocess.DEVNULL)
    state = HOSTS_DIR / "state"
    inventory, key, script = state / "inventory", state / "id_ed25519", state / "script.sh"
    concurrency = str(told.concurrency)
    script.write_bytes(subprocess.run([ours, "--print-script"], check=True, capture_output=True).stdout)
    first, again = state / "kept-first", state / "kept-again"
    for folder in (first, again):
        folder.mkdir(exist_ok=True)
        forget(folder)
    peers = {
        FIRST: [ours, inventory, key, concurrency, first],
        AGAIN: [ours, inventory, key, concurrency, again],
        "asyncssh": [bin_dir / "python", HERE / "peers/asyncssh_peer.py", inventory, key, script, concurrency],
        "openssh+xargs": [HERE / "peers/openssh_peer.sh", inventory, key, script, concurrency],
    }
    if told.floor:
        empty = state / "empty.sh"
        empty.write_text("echo; exit 0\n")
        peers["ours, empty"] = [ours, inventory, key, concurrency, "--empty"]
        peers["asyncssh, empty"] = [bin_dir / "python", HERE / "peers/asyncssh_peer.py", inventory, key, empty, concurrency]
    try:
        runs = {name: [] for name in peers}
        for turn in range(told.rounds + 1):  # the first round warms the page cache and does not count
            for name, command in peers.items():
                forget(first)
                seen = measure([str(part) for part in command], share)
                if turn:
                    runs[name].append(seen)
        if not told.no_ansible:
            command = [str(HERE / "peers/ansible_peer.sh"), str(inventory), str(key), concurrency]
            runs["ansible"] = [measure(command, share) for _ in range(told.ansible_rounds)]
    finally:
        share.end()
        subprocess.run(["bash", HOSTS_SH, "down"], check=False, stdout=subprocess.DEVNULL)
    report(runs)


def forget(folder):
    for file in folder.iterdir():
        file.unlink()


def report(runs):
    median = statistics.median

    def over(base, seen, of):
        """Ours to it, round by round where both have as many, else to our median."""
        ours, its = [of(run) for run in runs[base]], [of(run) for run in seen]
        pairs = zip(ours, its) if len(ours) == len(its) else [(median(ours), it) for it in its]
        return [a / b if b else float("inf") for a, b in pairs]

    def speed(run):
        return run["ok"] / run["wall_s"]

    def cpu(run):
        return 1000 * run["cpu_s"] / max(run["ok"], 1)

    def shown(ratios):
        return f"{median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})"

    print(f"\n{'':18} {'ok':>7} {'hosts/s':>9} {'CPU ms/host':>12} {'peak MiB':>9} {'first visit ÷ it':>19} {'again ÷ it':>19}"
          f" {'CPU: it ÷ first':>16} {'it ÷ again':>11}")
    for name, seen in runs.items():
        dearer = [1 / median(over(base, seen, cpu)) for base in (FIRST, AGAIN)]
        ok = f"{min(run['ok'] for run in seen)}/{seen[0]['hosts']}"
        print(f"{name:18} {ok:>7} {median(map(speed, seen)):9.1f} {median(map(cpu, seen)):12.1f} {median(run['peak_mib'] for run in seen):9.1f}"
              f" {shown(over(FIRST, seen, speed)):>19} {shown(over(AGAIN, seen, speed)):>19} {dearer[0]:16.1f} {dearer[1]:11.1f}")
    spared = [run["unchanged"] for run in runs[AGAIN]]
    print(f"\n\"{FIRST}\" reads everything, as the peers do. \"{AGAIN}\" is the same hosts with nothing changed since: of"
          f" {runs[AGAIN][0]['hosts']} hosts\n{median(spared):.0f} sections were not asked for again (0 in \"{FIRST}\": {max(run['unchanged'] for run in runs[FIRST])}).")
    facts = {run["facts"] for name in (FIRST, AGAIN) for run in runs[name]}
    print(f"Packages, updates and kernels are {'the same' if len(facts) == 1 else 'NOT THE SAME'} in all rounds of both.")
    if not min(spared) or any(run["unchanged"] for run in runs[FIRST]) or len(facts) != 1:
        sys.exit("the two rows are not what they say they are")


if __name__ == "__main__":
    main()
