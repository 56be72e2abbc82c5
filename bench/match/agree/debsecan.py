#!/usr/bin/python3
"""Puts the same hosts and the same data of Debian to debsecan and to Luumen, and compares what each finds, and how long each takes.

    debsecan.py compare --luumen BIN --agree BIN --lists DSA/list.xz DLA/list.xz [--inventories DIR] [--roots ROOT …]
    debsecan.py compare --luumen BIN --agree BIN --tracker FILE --status FILE --release 12
    debsecan.py data --tracker FILE --release 12 --out FILE

`compare` prints a line a host, every difference with its reason, and leaves with 1 if one has none. `--runs N` measures N runs of both on the same
host. `data` only writes debsecan's file. Needs debsecan and python3-apt; docs/dev/agreement.md says how to get the rest.
"""

import argparse
import collections
import json
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import debian
import hosts

FOUND = ("vulnerable", "under_investigation")
SIGNED = "debsecan does not know that a signed kernel is the kernel, with the binary's version"


def main():
    args = arguments()
    if args.command == "data":
        lines = lines_for(args, args.release)
        pathlib.Path(args.out).write_bytes(debian.data_file(lines))
        return 0
    unexplained = 0
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        catalogue = build_catalogue(args, work / "catalogue")
        for host in all_hosts(args):
            pair = Pair(args, host, work, catalogue)
            unexplained += pair.compare()
            if args.runs:
                pair.measure(args.runs)
    print(f"{unexplained} unexplained differences")
    return 1 if unexplained else 0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["compare", "data"])
    parser.add_argument("--lists", nargs="+", default=[], help="lists of advisories")
    parser.add_argument("--tracker", help="the tracker's JSON, instead of the lists")
    parser.add_argument("--release", default="12", help="release of --status and of `data`")
    parser.add_argument("--out", help="where `data` writes")
    parser.add_argument("--luumen", help="the program `luumen`")
    parser.add_argument("--agree", help="the example `agree` of luumen-vuln")
    parser.add_argument("--inventories", help="a folder of Vuls results, of which debian_* are taken")
    parser.add_argument("--roots", nargs="*", default=[], help="roots of Debian systems")
    parser.add_argument("--made", nargs="*", default=[], help="releases to make hosts of whose packages stand at the edges of the data")
    parser.add_argument("--large", type=int, default=0, help="make a host of so many packages of the others, for the release of the first")
    parser.add_argument("--status", help="a dpkg status file")
    parser.add_argument("--running", default="", help="running kernel of --status")
    parser.add_argument("--all", action="store_true", help="print explained differences one by one, too")
    parser.add_argument("--runs", type=int, default=0, help="measure so many runs of each")
    return parser.parse_args()


def lines_for(args, release):
    suite = debian.RELEASES[release]
    if args.tracker:
        return debian.lines_of_tracker(args.tracker, suite)
    return debian.lines_of_advisories(debian.advisories(args.lists, suite))


def build_catalogue(args, out):
    feeds = [(path, "debian-lists", "debian-list") for path in args.lists]
    if args.tracker:
        feeds = [(args.tracker, "debian-tracker", "debian-tracker-json")]
    words = [word for path, source, format in feeds for word in (source, format, path)]
    told = subprocess.run([args.agree, "catalogue", out, *words], check=True, capture_output=True, text=True)
    print(f"catalogue: {told.stdout.strip()}; could not be read: {len(told.stderr.splitlines())}")
    return out


def all_hosts(args):
    found = [hosts.of_root(root) for root in args.roots]
    if args.inventories:
        found += [hosts.of_inventory(path) for path in sorted(pathlib.Path(args.inventories).glob("debian_*.json"))]
    for host in found:
        judge_as_known(args, host)
    if args.large:
        found.append(hosts.large(found, args.large))
    for release in args.made:
        notes = debian.advisories(args.lists, debian.RELEASES[release])
        found += hosts.at_the_fixes(f"made-{debian.RELEASES[release]}", "debian", release, debian.fixes_by_source(notes))
    if args.status:
        packages = list(hosts.of_status(args.status))
        found.append(hosts.Host(pathlib.Path(args.status).name, "debian", args.release, args.running, packages))
    return found


def judge_as_known(args, host):
    """Lists end somewhere: a release that they do not know yet is judged by the newest that they know, by both tools."""
    while host.release != "9" and not lines_for(args, host.release):
        host.name = f"{host.name.split('-as-')[0]}-as-{int(host.release) - 1}"
        host.release = str(int(host.release) - 1)


class Pair:
    """A host, and both tools ready to look at it."""

    def __init__(self, args, host, work, catalogue):
        self.args, self.host = args, host
        folder = work / host.name
        (folder / "data").mkdir(parents=True)
        self.status, self.snapshot = folder / "status", folder / "snapshot.json"
        hosts.write_status(host, self.status)
        hosts.write_snapshot(host, self.snapshot)
        self.lines = lines_for(args, host.release)
        suite = debian.RELEASES[host.release]
        (folder / "data" / suite).write_bytes(debian.data_file(self.lines))
        self.debsecan = ["debsecan", "--config", "/dev/null", "--source", f"file://{folder}/data", "--suite", suite]
        self.debsecan += ["--status", str(self.status), "--format", "simple"]
        self.luumen = [args.luumen, "match", "--snapshot", str(self.snapshot), "--catalogue", str(catalogue)]
        self.luumen += ["--format", "tsv"]
        self.catalogue = str(catalogue)

    def theirs(self):
        """(vulnerability, source package, installed source version) by debsecan."""
        told = subprocess.run(self.debsecan, check=True, capture_output=True, text=True).stdout
        by_name = collections.defaultdict(set)
        for package in self.host.packages:
            by_name[package.name].add((package.source, package.source_version))
        found = set()
        for line in told.splitlines():
            vulnerability, package = line.split()
            found |= {(vulnerability, *source) for source in by_name[package]}
        return found

    def ours(self):
        """The same by Luumen, and what it says of everything else."""
        told = subprocess.run(self.luumen, capture_output=True, text=True)
        if told.returncode != 0:
            raise SystemExit(f"luumen left with {told.returncode}: {told.stderr}")
        rows = [line.split("\t") for line in told.stdout.splitlines() if line]
        return {(row[2], row[0], row[1]): row[3] for row in rows}

    def compare(self):
        theirs, verdicts = self.theirs(), self.ours()
        ours = {key for key, verdict in verdicts.items() if verdict in FOUND}
        reasons = collections.Counter()
        for key in sorted(theirs ^ ours):
            reason = self.reason(key, key in ours, verdicts.get(key))
            reasons[reason or "UNEXPLAINED"] += 1
            if not reason or self.args.all:
                whose = "Luumen only" if key in ours else "debsecan only"
                print(f"  {self.host.name}: {whose}: {' '.join(key)}: {reason or 'UNEXPLAINED'}")
        sources = len({(package.source, package.source_version) for package in self.host.packages})
        print(
            f"{self.host.name}: {len(self.host.packages)} packages of {sources} sources, {len(self.lines)} lines of data; "
            f"debsecan {len(theirs)}, Luumen {len(ours)}, both {len(theirs & ours)}; differences {dict(reasons) or 'none'}"
        )
        return reasons["UNEXPLAINED"]

    def reason(self, key, is_ours, verdict):
        """Why one tool rightly finds what the other does not, checked against the data; nothing if it should not be."""
        vulnerability, source, version = key
        if is_ours and source == "linux":
            fixed = {(line.vulnerability, line.package): line.fixed for line in self.lines}.get((vulnerability, source))
            signed = [package for package in self.host.packages if package.source.startswith("linux-signed")]
            if fixed is not None and any(
                package.source_version == version and (not fixed or debian.older(package.version, fixed)) for package in signed
            ):
                return SIGNED
        if "~bpo" in version and not is_ours:
            return "a backport is judged by the release that it was taken from"
        if not self.args.tracker:
            return None
        said = json.loads(pathlib.Path(self.args.tracker).read_text()).get(source, {}).get(vulnerability)
        suite = said and said["releases"].get(debian.RELEASES[self.host.release])
        if not suite:
            return None
        if is_ours and said["releases"].get("sid", {}).get("fixed_version") == debian.NEVER:
            return "debsecan's data leaves out what never was in unstable"
        return self.reason_of_tracker(suite, version, is_ours, verdict)

    def reason_of_tracker(self, suite, version, is_ours, verdict):
        urgency = suite["urgency"].rstrip("*")
        if is_ours and urgency in ("unimportant", "end-of-life"):
            return f"debsecan's data leaves out what is {urgency}"
        fixed = suite.get("fixed_version")
        known = suite.get("repositories", {}).values()
        if not is_ours and verdict in ("fixed", "not_affected") and fixed and not debian.older(version, fixed):
            if version not in known:
                return "not older than the release's fix, but debsecan knows only the versions of the archive"
        return None

    def measure(self, runs):
        """Whole processes side by side, in turns; and the match alone, in one process of ours."""
        theirs, ours = [], []
        for _ in range(runs):
            theirs.append(timed(self.debsecan))
            ours.append(timed(self.luumen))
        alone = subprocess.run(
            [self.args.agree, "time", self.catalogue, str(self.snapshot), str(runs * 5)], check=True, capture_output=True, text=True
        )
        alone = json.loads(alone.stdout)
        wall = statistics.median(run[0] for run in theirs) / statistics.median(run[0] for run in ours)
        cpu = statistics.median(run[1] for run in theirs) / statistics.median(run[1] for run in ours)
        print(f"  {runs} runs, least / middle / most in ms: debsecan {spread(theirs)}; luumen {spread(ours)}")
        print(f"  ratio of middles, whole processes: wall {wall:.0f}, CPU {cpu:.0f}; alone in one process: {alone}")
        middle = statistics.median(run[0] for run in theirs)
        within = alone["open_ms"][1] + alone["match_ms"][1]
        print(f"  debsecan's whole process against opening and matching alone: {middle / within:.0f}")


def timed(command):
    """Wall and CPU milliseconds of a process."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall * 1e3, cpu * 1e3


def spread(runs):
    def three(values):
        return f"{min(values):.1f} / {statistics.median(values):.1f} / {max(values):.1f}"

    return f"wall {three([run[0] for run in runs])}, CPU {three([run[1] for run in runs])}"


if __name__ == "__main__":
    sys.exit(main())
