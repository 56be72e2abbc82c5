"""OVAL in the form that AlmaLinux publishes, made of its OSV advisories; and hosts at the edges of what they say.

One definition an advisory: the release by the file of its release package, below it every package "is earlier than" and "is signed with", and where the
advisory is of a module, all of it under "Module … is enabled". Advisories are read without luumen-feeds, and versions are ordered by rpm itself.
Kernels are asked about like any other package.
"""

import collections
import functools
import json
import pathlib
import re
from xml.sax.saxutils import escape, quoteattr

import hosts
import oval
import rpmdb
import vendor

# Keys that sign the packages of a release.
KEYS = {"8": "51d6647ec21ad6ea", "9": "d36cb86cb86b3716", "10": "dee5c11cc2a1e572"}
STREAM = re.compile(r"(?<![\w:])([A-Za-z][\w.+-]*):([\w.+-]+)(?![\w:])")

# A fixed version of a package, and the modules it is in: of no module where there is none.
Fix = collections.namedtuple("Fix", "name version streams")
Advisory = collections.namedtuple("Advisory", "id cves fixes")


def advisories(folder, release):
    """Those about security that name a CVE; and how many were left out because they do not say which stream their module packages are of."""
    found, unclear = [], 0
    for path in sorted(pathlib.Path(folder).glob(f"almalinux{release}/ALSA-*.json")):
        document = json.loads(path.read_text())
        cves = sorted({id for id in document.get("related", []) if id.startswith("CVE-")})
        severity, _, title = document["summary"].rpartition(": ")
        streams = tuple(":".join(match) for match in STREAM.findall((title if severity else document["summary"]).split("/")[0]))
        fixes = set()
        for affected in document["affected"]:
            for version in (event["fixed"] for one in affected["ranges"] for event in one["events"] if "fixed" in event):
                of_module = bool(vendor.MODULE.search(version))
                fixes.add(Fix(affected["package"]["name"], version, streams if of_module else ()))
                if of_module and not streams:
                    fixes = None
                    break
            if fixes is None:
                break
        if fixes is None:
            unclear += 1
        elif cves and fixes:
            found.append(Advisory(document["id"], cves, sorted(fixes)))
    return found, unclear


def of_packages(known, names):
    """The same advisories, as far as they are about these packages."""
    shorter = (advisory._replace(fixes=[fix for fix in advisory.fixes if fix.name in names]) for advisory in known)
    return [advisory for advisory in shorter if advisory.fixes]


def document(known, release, signed=True):
    """The text of a document. Without `signed` nothing is asked about signatures, as for databases of packages that nobody signed."""
    made = Making(release, signed)
    for advisory in known:
        made.add(advisory)
    return made.document.text()


class Making:
    def __init__(self, release, signed):
        self.document = oval.Document("oval:org.almalinux.alsa")
        self.release, self.signed = release, signed
        self.is_release = self.file_test("at least one", f"AlmaLinux {release} is installed", f"^{release}[^\\d]")
        self.is_alma = self.file_test("none satisfy", "AlmaLinux must be installed", None)

    def file_test(self, check, comment, version):
        """Which package the release's file belongs to, verified as the vendor has it: nothing but its name and version counts."""
        once = self.document.once
        nothing = " ".join(f'no{word}="true"' for word in "configfiles ghostfiles group linkto md5 mode mtime rdev size user".split())
        fields = "".join(f'<linux-def:{name} operation="pattern match"/>' for name in ("name", "epoch", "version", "release", "arch"))
        obj = once(
            "objects", "obj", "release",
            lambda id: f'<linux-def:rpmverifyfile_object id="{id}" version="1"><linux-def:behaviors {nothing}/>{fields}'
            f"<linux-def:filepath>/etc/almalinux-release</linux-def:filepath></linux-def:rpmverifyfile_object>",
        )
        version = f'<linux-def:version operation="pattern match">{version}</linux-def:version>' if version else ""
        ste = once(
            "states", "ste", ("release", version),
            lambda id: f'<linux-def:rpmverifyfile_state id="{id}" version="1"><linux-def:name operation="pattern match">^almalinux-release'
            f"</linux-def:name>{version}</linux-def:rpmverifyfile_state>",
        )
        return once(
            "tests", "tst", ("release", check),
            lambda id: f'<linux-def:rpmverifyfile_test id="{id}" version="1" check="{check}" comment="{comment}">'
            f'<linux-def:object object_ref="{obj}"/><linux-def:state state_ref="{ste}"/></linux-def:rpmverifyfile_test>',
        )

    def package_test(self, name, state, comment):
        """`state` is the content of a state."""
        once = self.document.once
        obj = once(
            "objects", "obj", ("package", name),
            lambda id: f'<linux-def:rpminfo_object id="{id}" version="1"><linux-def:name>{escape(name)}</linux-def:name></linux-def:rpminfo_object>',
        )
        ste = once("states", "ste", state, lambda id: f'<linux-def:rpminfo_state id="{id}" version="1">{state}</linux-def:rpminfo_state>')
        return once(
            "tests", "tst", (obj, ste),
            lambda id: f'<linux-def:rpminfo_test id="{id}" version="1" check="at least one" comment={quoteattr(comment)}>'
            f'<linux-def:object object_ref="{obj}"/><linux-def:state state_ref="{ste}"/></linux-def:rpminfo_test>',
        )

    def module_test(self, module):
        once = self.document.once
        name, _, stream = module.partition(":")
        obj = once(
            "objects", "obj", ("module", name),
            lambda id: f'<ind-def:textfilecontent54_object id="{id}" version="1"><ind-def:filepath>/etc/dnf/modules.d/{name}.module'
            f'</ind-def:filepath><ind-def:pattern operation="pattern match">\\[{re.escape(name)}\\][\\w\\W]*</ind-def:pattern>'
            f'<ind-def:instance datatype="int">1</ind-def:instance></ind-def:textfilecontent54_object>',
        )
        is_stream, is_on = f"\\nstream\\s*=\\s*{re.escape(stream)}\\b", "\\nstate\\s*=\\s*(enabled|1|true)"
        ste = once(
            "states", "ste", ("stream", stream),
            lambda id: f'<ind-def:textfilecontent54_state id="{id}" version="1"><ind-def:text operation="pattern match">'
            f"{is_stream}[\\w\\W]*{is_on}|{is_on}[\\w\\W]*{is_stream}</ind-def:text></ind-def:textfilecontent54_state>",
        )
        return once(
            "tests", "tst", (obj, ste),
            lambda id: f'<ind-def:textfilecontent54_test id="{id}" version="1" check="all" comment="Module {module} is enabled">'
            f'<ind-def:object object_ref="{obj}"/><ind-def:state state_ref="{ste}"/></ind-def:textfilecontent54_test>',
        )

    def criteria_of_fix(self, fix):
        evr = escape(fix.version if ":" in fix.version else f"0:{fix.version}")
        comment = f"{fix.name} is earlier than {evr}"
        arch = '<linux-def:arch datatype="string" operation="pattern match">aarch64|ppc64le|s390x|x86_64|noarch|i686</linux-def:arch>'
        state = f'{arch}<linux-def:evr datatype="evr_string" operation="less than">{evr}</linux-def:evr>'
        earlier = f'<criterion test_ref="{self.package_test(fix.name, state, comment)}" comment={quoteattr(comment)}/>'
        if not self.signed:
            return earlier
        comment = f"{fix.name} is signed with AlmaLinux OS {self.release} key"
        state = f'<linux-def:signature_keyid operation="equals">{KEYS[self.release]}</linux-def:signature_keyid>'
        signed = f'<criterion test_ref="{self.package_test(fix.name, state, comment)}" comment={quoteattr(comment)}/>'
        return f'<criteria operator="AND">{earlier}{signed}</criteria>'

    def add(self, advisory):
        modules = sorted({stream for fix in advisory.fixes for stream in fix.streams})
        parts = [self.criteria_of_fix(fix) for fix in advisory.fixes if not fix.streams]
        for module in modules:
            of_module = "".join(self.criteria_of_fix(fix) for fix in advisory.fixes if module in fix.streams)
            enabled = f'<criterion test_ref="{self.module_test(module)}" comment="Module {module} is enabled"/>'
            parts.append(f'<criteria operator="AND">{enabled}<criteria operator="OR">{of_module}</criteria></criteria>')
        references = "".join(f'<reference ref_id="{cve}" source="CVE" ref_url="https://access.redhat.com/security/cve/{cve}"/>' for cve in advisory.cves)
        cves = "".join(f'<cve public="20230401" impact="Moderate">{cve}</cve>' for cve in advisory.cves)
        id = f"oval:org.almalinux.alsa:def:{re.sub('[^0-9]', '', advisory.id)}"
        self.document.parts["definitions"].append(
            f'<definition class="patch" id="{id}" version="1"><metadata><title>{advisory.id}: security update</title>'
            f'<affected family="unix"><platform>AlmaLinux {self.release}</platform></affected>'
            f'<reference ref_id="{advisory.id}" source="ALSA" ref_url="https://errata.almalinux.org/"/>{references}<description>none</description>'
            f'<advisory from="packager@almalinux.org"><severity>Moderate</severity>{cves}</advisory></metadata><criteria operator="OR">'
            f'<criterion test_ref="{self.is_alma}" comment="AlmaLinux must be installed"/><criteria operator="AND">'
            f'<criterion test_ref="{self.is_release}" comment="AlmaLinux {self.release} is installed"/>'
            f'<criteria operator="OR">{"".join(parts)}</criteria></criteria></criteria></definition>'
        )


EDGES = {
    "at-the-newest-fix": lambda versions: versions[-1],
    "before-the-newest-fix": lambda versions: vendor.before(versions[-1]),
    "at-the-oldest-fix": lambda versions: versions[0],
    "before-the-oldest-fix": lambda versions: vendor.before(versions[0]),
    "rebuilt-in-between": lambda versions: versions[len(versions) // 2] + ".1",
}


def at_the_fixes(known, release):
    """Hosts made of the data: of every package its newest fix, just before it, its oldest, just before that, and rebuilt. A module can have one stream on
    a host, so each host has another stream of it; a package that a stream has is taken from there."""
    fixes = collections.defaultdict(lambda: collections.defaultdict(set))
    for fix in (fix for advisory in known for fix in advisory.fixes):
        fixes[fix.name][fix.streams[:1]].add(fix.version)
    streams = collections.defaultdict(set)
    for module in {module for lines in fixes.values() for line in lines for module in line}:
        streams[module.partition(":")[0]].add(module)
    for number, (edge, version) in enumerate(EDGES.items()):
        enabled = {sorted(of_name)[number % len(of_name)] for of_name in streams.values()}
        packages = []
        for name, lines in sorted(fixes.items()):
            modular = sorted(line for line in lines if line and line[0] in enabled)
            if not modular and () not in lines:
                continue
            line = modular[0] if modular else ()
            chosen = version(sorted(lines[line], key=functools.cmp_to_key(rpmdb.compare)))
            label = f"{line[0]}:{release}000020230401000000:abcdef01" if line else ""
            arch = "noarch" if sum(name.encode()) % 3 == 0 else "x86_64"
            packages.append(hosts.Package(name, chosen, name, chosen, arch, label))
        yield hosts.Host(f"made-alma-{release}-{edge}", "almalinux", f"{release}.0", "", packages)
