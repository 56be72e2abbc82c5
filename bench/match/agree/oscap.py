#!/usr/bin/python3
"""Puts the same hosts and the very same OVAL document to `oscap oval eval` and to Luumen, and compares which packages each finds vulnerable.

    oscap.py --luumen BIN --agree BIN --lists DSA/list.xz DLA/list.xz --roots ROOT … [--inventories DIR] [--ubuntu-tracker FOLDER …]

Debian's form is made for the roots and for debian_* of the inventories, Ubuntu's for ubuntu_*. A difference is explained only if it follows from the
versions that each looks at: oscap compares those of binary packages, Luumen those of sources. All of these are listed; others leave with 1.
"""

import argparse
import collections
import os
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

import debian
import debsecan
import hosts
import oval
import ubuntu

# The system's own settings of apt may switch off the cache that the probe needs.
APT = 'Dir::Etc::main "/dev/null";\nDir::Etc::parts "/dev/null";\n'


def main():
    args = arguments()
    errors = 0
    with tempfile.TemporaryDirectory() as work:
        for host in all_hosts(args):
            errors += Pair(args, host, pathlib.Path(work) / host.name).compare()
    print(f"{errors} unexplained differences")
    return 1 if errors else 0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--luumen", required=True, help="the program `luumen`")
    parser.add_argument("--agree", required=True, help="the example `agree` of luumen-vuln")
    parser.add_argument("--lists", nargs="+", required=True, help="Debian's lists of advisories")
    parser.add_argument("--roots", nargs="*", default=[], help="roots of Debian systems; only read")
    parser.add_argument("--inventories", help="a folder of Vuls results")
    parser.add_argument("--made", nargs="*", default=[], help="releases to make hosts of whose packages stand at the edges of the data")
    parser.add_argument("--ubuntu-tracker", nargs="*", default=[], help="folders of ubuntu-cve-tracker's files")
    parser.set_defaults(tracker=None)
    parser.add_argument("--keep", help="a folder to keep the documents in")
    return parser.parse_args()


def all_hosts(args):
    found = [hosts.of_root(root) for root in args.roots]
    folder = pathlib.Path(args.inventories or "/nonexistent")
    found += [hosts.of_inventory(path) for path in sorted(folder.glob("debian_*.json"))]
    for host in found:
        debsecan.judge_as_known(args, host)
    for release in args.made:
        notes = debian.advisories(args.lists, debian.RELEASES[release])
        found += hosts.at_the_fixes(f"made-{debian.RELEASES[release]}", "debian", release, debian.fixes_by_source(notes))
    if args.inventories:
        if args.ubuntu_tracker:
            known = [hosts.of_inventory(path) for path in sorted(folder.glob("ubuntu_*.json"))]
            found += [host for host in known if host.release in ubuntu.CODENAMES]
    return found


class Pair:
    """A host, and a document about its packages."""

    def __init__(self, args, host, folder):
        self.args, self.host, self.folder = args, host, folder
        host.codename = (ubuntu.CODENAMES if host.family == "ubuntu" else debian.RELEASES)[host.release]
        self.by_source, self.binaries = collections.defaultdict(set), collections.defaultdict(set)
        for package in host.packages:
            self.by_source[package.source].add(package)
            self.binaries[package.source].add(package.name)
        hosts.write_root(host, folder / "root")
        text, self.about = self.document_of_host()
        self.document = folder / "oval.xml"
        self.document.write_text(text)
        if args.keep:
            (pathlib.Path(args.keep) / f"{host.name}.xml").write_text(text)

    def document_of_host(self):
        # Ubuntu asks in other tests which kernel runs, which a root without a machine cannot answer.
        installed = {source for source in self.by_source if not (self.host.family == "ubuntu" and source.startswith("linux"))}
        if self.host.family == "ubuntu":
            notes = ubuntu.notes(self.args.ubuntu_tracker, self.host.release, installed)
            return oval.of_ubuntu(notes, self.host.release, self.host.codename, self.binaries)
        notes = debian.advisories(self.args.lists, self.host.codename)
        notes = {key: fixed for key, fixed in notes.items() if key[1] in installed and key[0].startswith("CVE-")}
        return oval.of_debian(notes, self.host.release)

    def theirs(self):
        """(vulnerability, source package) that oscap finds: the tests that are true, of definitions that are."""
        apt, results = self.folder / "apt.conf", self.folder / "results.xml"
        apt.write_text(APT)
        environment = {**os.environ, "APT_CONFIG": str(apt), "OSCAP_PROBE_ROOT": str(self.folder / "root")}
        command = ["oscap", "oval", "eval", "--results", str(results), str(self.document)]
        told = subprocess.run(command, env=environment, capture_output=True, text=True)
        if told.returncode != 0 or "dpkginfo_init has failed" in told.stderr:
            raise SystemExit(f"oscap left with {told.returncode}: {told.stderr}")
        root = xml.etree.ElementTree.parse(results).getroot()
        definitions, tests = answers(root, "definition"), answers(root, "test")
        found = set()
        for id, about in self.about.items():
            true = [asked for asked in about if tests[asked.test] == "true"]
            if definitions[id] not in ("true", "false") or (definitions[id] == "true") != bool(true):
                raise SystemExit(f"{self.host.name}: oscap answers {definitions[id]} for {id}, by {len(true)} of its packages")
            found |= {(asked.vulnerability, asked.source) for asked in true}
        return found

    def ours(self):
        """(vulnerability, source package) that Luumen finds with the document alone."""
        snapshot, catalogue = self.folder / "snapshot.json", self.folder / "catalogue"
        hosts.write_snapshot(self.host, snapshot)
        format = f"{self.host.family}-oval"
        built = subprocess.run(
            [self.args.agree, "catalogue", catalogue, format, format, self.document], capture_output=True, text=True, check=True
        )
        if built.stderr:
            raise SystemExit(f"{self.host.name}: our reader could not read: {built.stderr}")
        command = [self.args.luumen, "match", "--snapshot", snapshot, "--catalogue", catalogue, "--format", "tsv"]
        told = subprocess.run(command, capture_output=True, text=True)
        if told.returncode != 0:
            raise SystemExit(f"luumen left with {told.returncode}: {told.stderr}")
        rows = [line.split("\t") for line in told.stdout.splitlines() if line]
        return {(row[2], row[0]) for row in rows if row[3] in debsecan.FOUND}

    def compare(self):
        if not self.about:
            print(f"{self.host.name}: the data say nothing of this release")
            return 0
        theirs, ours = self.theirs(), self.ours()
        asked = {(about.vulnerability, about.source): about.fixed for abouts in self.about.values() for about in abouts}
        unexplained = 0
        for key in sorted(theirs ^ ours):
            reason = self.reason(key, asked[key], key in theirs, key in ours) if key in asked else None
            unexplained += reason is None
            whose = "oscap only" if key in theirs else "Luumen only"
            print(f"  {self.host.name}: {whose}: {' '.join(key)} < {asked.get(key)}: {reason or 'UNEXPLAINED'}")
        print(
            f"{self.host.name}: {len(self.host.packages)} packages, {len(self.about)} definitions about {len(asked)} pairs of CVE and source; "
            f"oscap {len(theirs)}, Luumen {len(ours)}, both {len(theirs & ours)}; differences {len(theirs ^ ours)}, unexplained {unexplained}"
        )
        return unexplained

    def source_versions(self, source):
        """Versions of a source package; a signed kernel is the kernel, with the binary's version."""
        versions = {package.source_version for package in self.by_source[source]}
        if source == "linux" and self.host.family == "debian":
            signed = [package for package in self.host.packages if package.source.startswith("linux-signed")]
            versions |= {package.version for package in signed}
        return sorted(versions)

    def reason(self, key, fixed, theirs, ours):
        """The versions that each looked at, if by them both answers are right."""
        _, source = key

        def vulnerable(versions):
            return any(fixed is None or debian.older(version, fixed) for version in versions)

        seen = [package for package in self.by_source[source] if self.host.family == "ubuntu" or package.name == source]
        sources = self.source_versions(source)
        if (theirs, ours) != (vulnerable(package.version for package in seen), vulnerable(sources)):
            return None
        binaries = sorted({f"{package.name} {package.version}" for package in seen}) or ["none of that name"]
        return f"binaries: {', '.join(binaries[:3])}; source: {', '.join(sources)}"


def answers(root, kind):
    """The results of all definitions or tests, by their ids."""
    found = root.iter(f"{{http://oval.mitre.org/XMLSchema/oval-results-5}}{kind}")
    return {element.get(f"{kind}_id"): element.get("result") for element in found if element.get("result")}


if __name__ == "__main__":
    sys.exit(main())
