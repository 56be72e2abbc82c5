"""What Debian says: its lists of advisories and its tracker's JSON, and the data file of debsecan made of either.

Reads the same documents as the readers of luumen-feeds, and shares nothing with them: versions are ordered by apt itself. The rules by which notes
become a line of debsecan's file are those of the security tracker: of several notes about a package of a release the greatest version counts, and one
that says "unfixed" beats them all; a version is fine if it is not older than the fix in unstable, or is known to be fixed in some release.
"""

import collections
import functools
import json
import lzma
import pathlib
import re
import zlib

import apt_pkg

apt_pkg.init_system()

RELEASES = {"9": "stretch", "10": "buster", "11": "bullseye", "12": "bookworm", "13": "trixie", "14": "forky"}
HEAD = re.compile(r"^\[[^\]]+\]\s+(\S+)\s*(.*)$")
NOTE = re.compile(r"^\[(\w+)\]\s+-\s+(\S+)\s+(\S+)")
UNFIXED = None
NEVER = "0"


def older(a, b):
    return apt_pkg.version_compare(a, b) < 0


def text_of(path):
    opened = lzma.open(path, "rt", errors="replace") if str(path).endswith(".xz") else open(path, errors="replace")
    with opened as lines:
        yield from lines


def advisories(paths, release):
    """Fixed version by (vulnerability, source package) of a release, out of lists of advisories."""
    notes = {}
    for path in paths:
        ids = []
        for line in text_of(path):
            if head := HEAD.match(line):
                advisory, title = head.groups()
                # A correction of an earlier advisory is no vulnerability of its own.
                ids = [] if "regression" in title else [advisory]
            elif (line := line.strip()).startswith("{"):
                ids = [word for word in line.strip("{}").split() if word.startswith("CVE-")] or ids
            elif (note := NOTE.match(line)) and note[1] == release:
                add_note(notes, ids, note[2], note[3])
    return notes


def add_note(notes, ids, package, said):
    meanings = {"<unfixed>": UNFIXED, "<not-affected>": NEVER}
    if said.startswith("<") and said not in meanings:
        raise ValueError(f"a note of {package} says {said}, which this tool does not know")
    fixed = meanings.get(said, said)
    for vulnerability in ids:
        key = (vulnerability, package)
        if key not in notes:
            notes[key] = fixed
        elif notes[key] is not UNFIXED and (fixed is UNFIXED or older(notes[key], fixed)):
            notes[key] = fixed


def fixes_by_source(notes):
    """The versions of each source package that fixed something, the oldest first."""
    found = collections.defaultdict(set)
    for (_, package), fixed in notes.items():
        if fixed not in (UNFIXED, NEVER):
            found[package].add(fixed)
    order = functools.cmp_to_key(apt_pkg.version_compare)
    return {package: sorted(versions, key=order) for package, versions in found.items()}


Line = collections.namedtuple("Line", "package vulnerability fixed others fix_available", defaults=((), True))


def lines_of_advisories(notes):
    """One line a note: nothing is known of unstable, so the release's own fix stands where unstable's would."""
    return [
        Line(package, vulnerability, fixed or "", (), fixed is not UNFIXED)
        for (vulnerability, package), fixed in sorted(notes.items())
        if fixed != NEVER
    ]


def lines_of_tracker(path, suite):
    """The lines that the tracker makes of what its own JSON says."""
    tracker = json.loads(pathlib.Path(path).read_text())
    lines = []
    for package, vulnerabilities in sorted(tracker.items()):
        fixes = fixed_in_releases(vulnerabilities)
        for vulnerability, entry in sorted(vulnerabilities.items()):
            line = line_of_entry(package, vulnerability, entry["releases"], fixes, suite)
            if line:
                lines.append(line)
    return lines


def fixed_in_releases(vulnerabilities):
    """Every version that fixed anything in a release: a later one has the earlier fixes."""
    fixes = collections.defaultdict(set)
    for entry in vulnerabilities.values():
        for release, said in entry["releases"].items():
            fixes[release].add(said.get("fixed_version", NEVER))
    return fixes


def line_of_entry(package, vulnerability, releases, fixes, suite):
    sid = releases.get("sid", {"status": "open"})
    unstable = {"open": "", "undetermined": "undetermined"}.get(sid["status"]) or sid.get("fixed_version", "")
    urgencies = {said["urgency"].rstrip("*") for said in releases.values()}
    # What is of no importance in all of Debian, and what never was in unstable, is not in debsecan's data.
    if urgencies in ({"unimportant"}, {"end-of-life"}) or unstable == NEVER:
        return None
    others = set()
    for release, said in releases.items():
        if release == "sid" or said["status"] != "resolved":
            continue
        known = fixes[release] | set(said.get("repositories", {}).values())
        others |= {version for version in known if not older(version, said["fixed_version"])}
    fix_available = releases.get(suite, {}).get("status") == "resolved"
    return Line(package, vulnerability, unstable, tuple(sorted(others - {NEVER})), fix_available)


def data_file(lines):
    """debsecan's file, version 1: names of vulnerabilities, packages, and which binaries a source makes (which only its remarks need)."""
    names = sorted({line.vulnerability for line in lines})
    index = {name: at for at, name in enumerate(names)}
    text = ["VERSION 1", *(f"{name},,no description" for name in names), ""]
    for line in lines:
        flags = "S ?" + ("F" if line.fix_available else " ")
        text.append(f"{line.package},{index[line.vulnerability]},{flags},{line.fixed},{' '.join(line.others)}")
    return zlib.compress("\n".join([*text, "", ""]).encode())
