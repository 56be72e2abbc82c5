#!/usr/bin/python3
"""Puts the same rpm hosts and the very same OVAL document to `oscap oval eval` and to Luumen, and compares what each finds, by CVE and package.

    oscap_rpm.py --luumen BIN --agree BIN --alma-osv DIR [--inventories DIR] [--rpm-roots ROOT …] [--made 8 9 10]
    oscap_rpm.py --luumen BIN --agree BIN --document FORMAT FAMILY RELEASE MACHINE FILE …

With --alma-osv, documents are made in the form of AlmaLinux; hosts of other rebuilds are judged as AlmaLinux of the same release, by both tools.
With --document, a vendor's own document is taken as it is, and hosts are made at its edges. Every host gets a real rpm database in a root of its own.
A difference is explained only if it follows from the data; others leave with 1.
"""

import argparse
import collections
import json
import pathlib
import subprocess
import sys
import tempfile

import alma
import hosts
import rpmdb
import vendor

FOUND = ("vulnerable", "under_investigation")
# Rebuilds of Red Hat's, and Red Hat itself, by the names of Vuls.
ENTERPRISE = {"alma", "rocky", "redhat", "oracle", "centos", "rhel", "almalinux"}


def main():
    args = arguments()
    unexplained = 0
    with tempfile.TemporaryDirectory() as work:
        cases = of_alma(args) if args.alma_osv else of_document(args)
        for number, case in enumerate(cases):
            unexplained += Pair(args, case, pathlib.Path(work) / str(number)).compare()
    print(f"{unexplained} unexplained differences")
    return 1 if unexplained else 0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--luumen", required=True, help="the program `luumen`")
    parser.add_argument("--agree", required=True, help="the example `agree` of luumen-vuln")
    parser.add_argument("--alma-osv", help="a folder with almalinux8, almalinux9, … of OSV advisories")
    parser.add_argument("--inventories", help="a folder of Vuls results")
    parser.add_argument("--rpm-roots", nargs="*", default=[], help="roots with an rpm database; only read")
    parser.add_argument("--made", nargs="*", default=[], help="releases to make hosts of whose packages stand at the edges of the data")
    parser.add_argument("--document", nargs=5, action="append", default=[], metavar=("FORMAT", "FAMILY", "RELEASE", "MACHINE", "FILE"))
    parser.add_argument("--all", action="store_true", help="print explained differences one by one, too")
    return parser.parse_args()


# A host, the document, which files its packages have, and the root whose database is taken instead of a made one.
Case = collections.namedtuple("Case", "host text format files database", defaults=(None,))


def of_alma(args):
    """Hosts with documents about their packages."""
    known = {}
    for release in alma.KEYS:
        known[release], unclear = alma.advisories(args.alma_osv, release)
        print(f"AlmaLinux {release}: {len(known[release])} advisories; left out, for they name no stream of their module: {unclear}")
    for host in [*of_roots(args), *of_inventories(args), *(made for release in args.made for made in alma.at_the_fixes(known[release], release))]:
        release = host.release.split(".")[0]
        about = alma.of_packages(known[release], {package.name for package in host.packages})
        signed = not host.status
        if not any(package.name == "almalinux-release" for package in host.packages):
            host.packages.append(hosts.Package("almalinux-release", f"{host.release}-1", "almalinux-release", f"{host.release}-1", "x86_64"))
        files = {"almalinux-release": ["/etc/almalinux-release"]}
        yield Case(host, alma.document(about, release, signed), "alma-oval", files, host.status or None)


def of_inventories(args):
    for path in sorted(pathlib.Path(args.inventories or "/nonexistent").glob("*.json")):
        if json.loads(path.read_text())["family"] not in ENTERPRISE:
            continue
        host = hosts.of_inventory(path)
        if host.release.split(".")[0] in alma.KEYS:
            host.name += "" if host.family == "alma" else "-as-alma"
            host.family = "almalinux"
            yield host


def of_roots(args):
    """Hosts of databases that rpm wrote when it installed; `status` says where the root is."""
    for root in map(pathlib.Path, args.rpm_roots):
        packages = []
        for name, version, arch, source, module in rpmdb.installed(root):
            source_name, source_version = source.removesuffix(".src.rpm").rsplit("-", 2)[0], "-".join(source.removesuffix(".src.rpm").rsplit("-", 2)[1:])
            packages.append(hosts.Package(name, version, source_name, source_version, arch, module))
        release = next(package.version.split("-")[0] for package in packages if package.name.endswith("-release"))
        yield hosts.Host(f"root-{root.name}-as-alma", "almalinux", release, "", packages, str(root))


def of_document(args):
    for format, family, release, machine, file in args.document:
        text = pathlib.Path(file).read_text()
        document = vendor.Document(text)
        for host in vendor.at_the_edges(document, pathlib.Path(file).stem, family, release, machine):
            yield Case(host, text, format, vendor.release_files(family))


class Pair:
    """A host in a root of its own, and a document."""

    def __init__(self, args, case, folder):
        self.args, self.case, self.host, self.folder = args, case, case.host, folder
        self.root, self.text = folder / "root", folder / "oval.xml"
        self.root.mkdir(parents=True)
        self.text.write_text(case.text)
        self.document = vendor.Document(case.text)
        installed = self.host.packages
        if case.database:
            rpmdb.copy(pathlib.Path(case.database), self.root)
            installed = [package for package in installed if package.name in case.files]
        rpmdb.make(installed, self.root, case.files, self.document.keys)
        for module in set(map(vendor.stream_of, self.host.packages)) - {""}:
            name, _, stream = module.partition(":")
            path = self.root / f"etc/dnf/modules.d/{name}.module"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"[{name}]\nname={name}\nstream={stream}\nprofiles=\nstate=enabled\n\n")

    def theirs(self):
        """(vulnerability, package) that oscap finds: tests of packages that are true where all that is asked beside them is."""
        results = self.folder / "results.xml"
        environment = {**rpmdb.home(self.folder / "home"), "OSCAP_PROBE_ROOT": str(self.root)}
        # Samples of vendors' documents are cut: they name objects that are not in them, and the schema forbids that.
        validation = [] if self.args.alma_osv else ["--skip-validation"]
        command = ["oscap", "oval", "eval", *validation, "--results", str(results), str(self.text)]
        told = subprocess.run(command, env=environment, capture_output=True, text=True)
        if told.returncode != 0 or "RPM:" in told.stderr:
            raise SystemExit(f"oscap left with {told.returncode}: {told.stderr}")
        return self.document.found(results)

    def ours(self):
        """The same by Luumen, from the document as JSON: a finding names the packages that have it."""
        catalogue, snapshot = self.folder / "catalogue", self.folder / "snapshot.json"
        built = subprocess.run([self.args.agree, "catalogue", catalogue, self.case.format, self.case.format, self.text], capture_output=True, text=True)
        if built.returncode != 0:
            raise SystemExit(f"agree left with {built.returncode}: {built.stderr}")
        for line in built.stderr.splitlines():
            print(f"  {self.host.name}: could not be read: {line}")
        hosts.write_snapshot(self.host, snapshot)
        command = [self.args.luumen, "match", "--snapshot", snapshot, "--catalogue", catalogue, "--format", "json"]
        told = subprocess.run(command, capture_output=True, text=True)
        if told.returncode not in (0, 3) or not told.stdout:
            raise SystemExit(f"luumen left with {told.returncode}: {told.stderr}")
        report = json.loads(told.stdout)
        for gap in report["not_evaluated"]:
            if gap["what"] == "packages":
                print(f"  {self.host.name}: not judged by Luumen: {gap['why']}")
        found = [finding for finding in report["findings"] if finding["verdict"] in FOUND]
        return {(finding["vulnerability"], package["name"]) for finding in found for package in finding["installed"]}

    def compare(self):
        theirs, ours = self.theirs(), self.ours()
        by_name = collections.defaultdict(list)
        for package in self.host.packages:
            by_name[package.name].append(package)
        reasons = collections.Counter()
        for key in sorted(theirs ^ ours):
            reason = self.reason(key, key in ours, by_name[key[1]])
            reasons[reason or "UNEXPLAINED"] += 1
            if not reason or self.args.all:
                whose, versions = "Luumen only" if key in ours else "oscap only", " ".join(package.version for package in by_name[key[1]])
                named = " ".join(sorted(str(asked.version) for asked in self.document.asked[key])[:4])
                print(f"  {self.host.name}: {whose}: {' '.join(key)} {versions} (fixed: {named}): {reason or 'UNEXPLAINED'}")
        asked = sum(1 for key in self.document.asked if by_name.get(key[1]))
        print(
            f"{self.host.name}: {len(self.host.packages)} packages, {self.document.count} definitions, {asked} pairs of CVE and installed package; "
            f"oscap {len(theirs)}, Luumen {len(ours)}, both {len(theirs & ours)}; differences {dict(reasons) or 'none'}"
        )
        return reasons["UNEXPLAINED"]

    def reason(self, key, is_ours, packages):
        """Why one tool rightly finds what the other does not, checked against the data; nothing if it should not be."""
        if len(packages) != 1:
            return None
        asked = self.document.asked[key]
        if is_ours:
            return vendor.reason_of_luumen_alone(asked, packages[0])
        return vendor.reason_of_oscap_alone(asked, packages[0], set(map(vendor.stream_of, self.host.packages)))


if __name__ == "__main__":
    sys.exit(main())
