"""An OVAL document of an rpm vendor, read for comparing: which test is about which package, what oscap said of it, and hosts at its edges.

Shares nothing with the readers of luumen-feeds. Versions are ordered by rpm itself.
"""

import collections
import functools
import re
import xml.etree.ElementTree

import hosts
import rpmdb

RESULTS = "{http://oval.mitre.org/XMLSchema/oval-results-5}"
MODULE = re.compile(r"\.module[_+]el")
DIST = re.compile(r"\.(el[0-9]+(?:_[0-9]+)?)")

# What a definition asks of a package: a version that it must be older than (none: it need only be there), for architectures, in modules.
Asked = collections.namedtuple("Asked", "version operation arches modules")


def local(element):
    return element.tag.rpartition("}")[2]


def child_text(element, name):
    return next(((child.text or "").strip() for child in element if local(child) == name), None)


class Document:
    def __init__(self, text):
        root = xml.etree.ElementTree.fromstring(text)
        by_id = {element.get("id"): element for element in root.iter() if element.get("id")}
        self.tests = {}
        # By which key each package must be signed.
        self.keys = {}
        for element in by_id.values():
            if local(element) == "rpminfo_test":
                self.add_test(element, by_id)
        self.ids, self.asked, self.count = {}, collections.defaultdict(set), 0
        for definition in root.iter("{http://oval.mitre.org/XMLSchema/oval-definitions-5}definition"):
            self.count += 1
            self.ids[definition.get("id")] = ids_of(definition)
            self.walk_asked(definition.get("id"), next(child for child in definition if local(child) == "criteria"), ())

    def add_test(self, element, by_id):
        named = {local(child): child for child in element}
        name = child_text(by_id[named["object"].get("object_ref")], "name")
        state = by_id.get(named["state"].get("state_ref")) if "state" in named else None
        fields = {local(child): child for child in state} if state is not None else {}
        if "signature_keyid" in fields:
            self.keys[name] = fields["signature_keyid"].text.strip()
            return
        evr, arch = fields.get("evr"), fields.get("arch")
        arches = re.compile(arch.text.strip()) if arch is not None else None
        if evr is not None and evr.get("operation") != "equals":
            self.tests[element.get("id")] = (name, evr.text.strip(), evr.get("operation"), arches)
        elif not fields and element.get("check_existence") != "none_exist":
            self.tests[element.get("id")] = (name, None, "exists", arches)

    def walk_asked(self, definition, criteria, modules):
        inside = [child.get("comment", "") for child in criteria if local(child) == "criterion"]
        modules += tuple(comment[7:-11] for comment in inside if comment.startswith("Module ") and comment.endswith(" is enabled"))
        for child in criteria:
            if local(child) == "criteria":
                self.walk_asked(definition, child, modules)
            elif test := self.tests.get(child.get("test_ref")):
                for id in self.ids[definition]:
                    self.asked[id, test[0]].add(Asked(*test[1:], modules))

    def found(self, results):
        """What is true in oscap's results, with everything that is joined to it."""
        found = set()
        for _, definition in xml.etree.ElementTree.iterparse(results):
            if definition.tag == f"{RESULTS}definition" and definition.get("definition_id") in self.ids:
                for criteria in definition:
                    if criteria.tag == f"{RESULTS}criteria":
                        self.walk_found(self.ids[definition.get("definition_id")], criteria, found)
        return found

    def walk_found(self, ids, criteria, found):
        if criteria.get("operator") == "AND" and criteria.get("result") != "true":
            return
        for child in criteria:
            if child.tag == f"{RESULTS}criteria":
                self.walk_found(ids, child, found)
            elif child.get("result") == "true" and (test := self.tests.get(child.get("test_ref"))):
                found |= {(id, test[0]) for id in ids}


def ids_of(definition):
    """The CVEs of a definition, or its advisory where it names none."""
    references = [element for element in definition.iter() if local(element) == "reference"]
    cves = {element.get("ref_id").split()[-1] for element in references if element.get("source") == "CVE"}
    return sorted(cve for cve in cves if cve.startswith("CVE-")) or [element.get("ref_id") for element in references][:1]


def stream_of(package):
    """`name:stream` of the module that a package was built in; nothing for one of none."""
    return ":".join(package.module.split(":")[:2])


def reason_of_oscap_alone(asked, package, enabled):
    """Why oscap finds a package that Luumen does not, from what the document asks of it; nothing if it should not. `enabled` are the host's modules."""
    mine = {one for one in asked if not one.arches or one.arches.search(package.arch)}
    mine = {one for one in mine if not one.modules or enabled & set(one.modules)}
    older = {one for one in mine if one.operation == "less than" and rpmdb.older(package.version, one.version)}
    if not older or any(one.operation != "less than" for one in mine):
        return None
    own = {one for one in mine if minor_release(package.version) and minor_release(one.version) == minor_release(package.version)}
    has_own = own and not own & older
    reasons = {reason_of_fix(one, package) or (OTHER_RELEASE if has_own else None) for one in older}
    return None if None in reasons else "; ".join(sorted(reasons))


def reason_of_luumen_alone(asked, package):
    """Why Luumen finds what oscap does not: one that is older than a fix, and of which the document names machines only."""
    mine = {one for one in asked if not one.modules or stream_of(package) in one.modules}
    older = {one for one in mine if one.operation == "less than" and rpmdb.older(package.version, one.version)}
    if package.arch == "noarch" and older and all(one.arches and not one.arches.search("noarch") for one in older):
        return "it is for every machine, and the document names machines"
    return None


OTHER_RELEASE = "it has the fix of its own minor release, older than that of another one"


def reason_of_fix(one, package):
    """Why a newer version with a fix says nothing of the installed one."""
    of_module = bool(MODULE.search(package.version))
    if one.modules and not of_module:
        return "the module is enabled, and the package is not of it"
    if one.modules and stream_of(package) not in one.modules:
        return "another module that is enabled has a package of that name, too"
    if not one.modules and of_module:
        return "the fix is outside of the module that the package is of"
    if is_rebuild(one.version, package.version):
        return "the same version of a module, built again: builds cannot be compared between builders"
    return None


def minor_release(version):
    """`el9_2` of `1.2-3.el9_2.4`."""
    found = DIST.findall(version)
    return found[-1] if found else None


def is_rebuild(fixed, installed):
    """Whether an installed version is not older, but for the number of the module's build."""
    bases = [MODULE.split(version)[0] for version in (installed, fixed)]
    return all(MODULE.search(version) for version in (fixed, installed)) and not rpmdb.older(*bases)


def before(version):
    """Just before a version; before the number of the build, where it is a module's."""
    found = MODULE.search(version)
    return f"{version[:found.start()]}~{version[found.start():]}" if found else version + "~"


# The package that says which release this is, and its file.
RELEASES = {
    "almalinux": ("almalinux-release", "/etc/almalinux-release"),
    "rhel": ("redhat-release", "/etc/redhat-release"),
    "ol": ("oraclelinux-release", "/etc/oracle-release"),
    "sles": ("sles-release", "/etc/sles-release"),
    "opensuse-leap": ("openSUSE-release", "/etc/openSUSE-release"),
}


def release_files(family):
    name, file = RELEASES[family]
    return {name: [file]}


def at_the_edges(document, name, family, release, machine):
    """Hosts with every package of a document at its newest version, just before it, at its oldest, just before that, rebuilt, of 32 bits, and for any
    machine; and a host of a machine that the document does not know."""
    versions, modules = collections.defaultdict(set), {}
    for (_, package), asked in document.asked.items():
        for one in asked:
            versions[package].add(one.version or "1-1")
            if one.modules:
                modules[package] = one.modules[0]
    order = functools.cmp_to_key(rpmdb.compare)
    edges = {
        "at-the-newest": (lambda known: known[-1], machine, machine),
        "before-the-newest": (lambda known: before(known[-1]), machine, machine),
        "at-the-oldest": (lambda known: known[0], machine, machine),
        "before-the-oldest": (lambda known: before(known[0]), machine, machine),
        "rebuilt": (lambda known: known[len(known) // 2] + ".1", machine, machine),
        "of-32-bits": (lambda known: before(known[-1]), machine, "i686"),
        "for-any-machine": (lambda known: before(known[-1]), machine, "noarch"),
        "on-another-machine": (lambda known: before(known[-1]), "s390", "s390"),
    }
    if machine != "x86_64":
        del edges["of-32-bits"]
    name_of_release = RELEASES[family][0]
    for edge, (version, system, arch) in edges.items():
        packages = [hosts.Package(name_of_release, f"{release}-1", name_of_release, f"{release}-1", system)]
        for package, known in sorted(versions.items()):
            chosen = version(sorted(known, key=order)).removeprefix("0:")
            label = f"{modules[package]}:8000020230401000000:abcdef01" if package in modules else ""
            packages.append(hosts.Package(package, chosen, package, chosen, arch, label))
        yield hosts.Host(f"{name}-{edge}", family, release, "", packages)
