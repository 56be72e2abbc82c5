"""What Ubuntu's CVE tracker says of the packages of a release, read without luumen-feeds."""

import pathlib
import re

CODENAMES = {"14.04": "trusty", "16.04": "xenial", "18.04": "bionic", "20.04": "focal", "22.04": "jammy", "24.04": "noble"}
LINE = re.compile(r"^([a-z0-9./-]+)_([a-z0-9][a-z0-9+.-]*): *([a-z-]+) *(?:\((.*)\))?\s*$")
DECIDED = {"released", "needed", "active", "pending", "deferred"}
SAID = {"released", "needed", "active", "needs-triage", "pending", "deferred", "ignored"}


def notes(folders, release, sources):
    """{(vulnerability, source): (place, status, detail)} of a release; where a subscription's channel speaks of a package, it is heard."""
    codename = CODENAMES[release]
    ranks = {codename: 0, f"{codename}/esm": 1, f"esm-apps/{codename}": 1, f"esm-infra/{codename}": 2}
    found = {}
    for path in sorted(path for folder in folders for path in pathlib.Path(folder).glob("CVE-*")):
        for line in path.read_text(errors="replace").splitlines():
            match = LINE.match(line)
            if not match or match[1] not in ranks or match[2] not in sources:
                continue
            place, source, status, detail = match[1], match[2], match[3], (match[4] or "").strip()
            if status == "DNE" or status == "released" and not re.fullmatch(r"[0-9A-Za-z.+:~-]*[0-9][0-9A-Za-z.+:~-]*", detail):
                continue
            key = (path.name, source)
            # A subscription's "not affected" says nothing of the archive's builds where the archive has decided.
            known = found.get(key, ("", "", ""))
            if status == "not-affected" and place != codename and known[0] == codename and known[1] in DECIDED:
                continue
            if place == codename and status in DECIDED and known[1] == "not-affected":
                found[key] = (place, status, detail)
                continue
            if key not in found or ranks[found[key][0]] < ranks[place]:
                found[key] = (place, status, detail)
    return {key: said for key, said in found.items() if said[1] in SAID}
