"""OVAL documents in the form that Debian and Ubuntu publish, made of what either says of the packages of one host.

Debian's form: a definition a CVE and source package, whose dpkginfo_object names the source package as if it were a binary one. Ubuntu's form: a
definition a CVE, a criterion a source package, whose object names all binaries of the source in a variable. Nothing is compared here.
"""

import collections
import re
from xml.sax.saxutils import escape, quoteattr

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<oval_definitions xmlns="http://oval.mitre.org/XMLSchema/oval-definitions-5" xmlns:oval="http://oval.mitre.org/XMLSchema/oval-common-5" \
xmlns:ind-def="http://oval.mitre.org/XMLSchema/oval-definitions-5#independent" xmlns:unix-def="http://oval.mitre.org/XMLSchema/oval-definitions-5#unix" \
xmlns:linux-def="http://oval.mitre.org/XMLSchema/oval-definitions-5#linux" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<generator><oval:product_name>bench/match/agree</oval:product_name><oval:schema_version>5.11.1</oval:schema_version>\
<oval:timestamp>2023-04-01T00:00:00</oval:timestamp></generator>
"""

# What a definition asks of a source package, and in which test; no fixed version where there is no fix.
About = collections.namedtuple("About", "vulnerability source fixed test")


class Document:
    """The parts of a document while they come in; equal objects and states are written once."""

    def __init__(self, prefix):
        self.prefix, self.ids = prefix, {}
        self.parts = {name: [] for name in ("definitions", "tests", "objects", "states", "variables")}

    def once(self, part, kind, key, element):
        """The id of an element of that key; `element` makes it of its id when it is new."""
        if (kind, key) not in self.ids:
            self.ids[kind, key] = f"{self.prefix}:{kind}:{len(self.ids) + 1}"
            self.parts[part].append(element(self.ids[kind, key]))
        return self.ids[kind, key]

    def package_test(self, name, fixed, check, comment):
        """A test of a package's version, or of its presence; `name` is the content of the object."""
        obj = self.once("objects", "obj", name, lambda id: f'<linux-def:dpkginfo_object id="{id}" version="1">{name}</linux-def:dpkginfo_object>')
        state = ""
        if fixed:
            evr = escape(fixed if ":" in fixed else f"0:{fixed}")
            ste = self.once(
                "states", "ste", evr,
                lambda id: f'<linux-def:dpkginfo_state id="{id}" version="1"><linux-def:evr datatype="debian_evr_string" '
                f'operation="less than">{evr}</linux-def:evr></linux-def:dpkginfo_state>',
            )
            state = f'<linux-def:state state_ref="{ste}"/>'
        return self.once(
            "tests", "tst", (obj, fixed),
            lambda id: f'<linux-def:dpkginfo_test id="{id}" version="1" check_existence="at_least_one_exists" check="{check}" '
            f'comment={quoteattr(comment)}><linux-def:object object_ref="{obj}"/>{state}</linux-def:dpkginfo_test>',
        )

    def file_test(self, path, name, pattern, value):
        """A test of what the first group of a pattern finds in a file."""
        obj = self.once(
            "objects", "obj", path,
            lambda id: f'<ind-def:textfilecontent54_object id="{id}" version="1"><ind-def:path>{path}</ind-def:path><ind-def:filename>{name}'
            f'</ind-def:filename><ind-def:pattern operation="pattern match">{pattern}</ind-def:pattern>'
            f'<ind-def:instance datatype="int">1</ind-def:instance></ind-def:textfilecontent54_object>',
        )
        ste = self.once(
            "states", "ste", (path, value),
            lambda id: f'<ind-def:textfilecontent54_state id="{id}" version="1"><ind-def:subexpression operation="equals">{value}'
            f"</ind-def:subexpression></ind-def:textfilecontent54_state>",
        )
        return self.once(
            "tests", "tst", (path, name),
            lambda id: f'<ind-def:textfilecontent54_test id="{id}" version="1" check_existence="at_least_one_exists" check="all" comment="release">'
            f'<ind-def:object object_ref="{obj}"/><ind-def:state state_ref="{ste}"/></ind-def:textfilecontent54_test>',
        )

    def text(self):
        parts = [f"<{name}>\n" + "\n".join(elements) + f"\n</{name}>\n" for name, elements in self.parts.items() if elements]
        return HEAD + "".join(parts) + "</oval_definitions>\n"


def of_debian(notes, release):
    """Debian's form of {(vulnerability, source): fixed version, None if there is none}; and what each definition is about."""
    document = Document("oval:org.debian.oval")
    is_release = document.file_test("/etc", "debian_version", r"(\d+)\.\d", release)
    uname = document.once("objects", "obj", "uname", lambda id: f'<unix-def:uname_object id="{id}" version="1"/>')
    all_arches = document.once(
        "tests", "tst", "uname",
        lambda id: f'<unix-def:uname_test id="{id}" version="1" check_existence="at_least_one_exists" check="all" comment="all">'
        f'<unix-def:object object_ref="{uname}"/></unix-def:uname_test>',
    )
    about = {}
    for number, ((vulnerability, source), fixed) in enumerate(sorted(notes.items()), 1):
        comment = f"{source} DPKG is earlier than {fixed}" if fixed else f"{source} DPKG is installed"
        test = document.package_test(f"<linux-def:name>{escape(source)}</linux-def:name>", fixed, "all", comment)
        id = f"oval:org.debian:def:{number}"
        about[id] = [About(vulnerability, source, fixed, test)]
        document.parts["definitions"].append(
            f'<definition class="vulnerability" id="{id}" version="1"><metadata><title>{vulnerability} {escape(source)}</title>'
            f'<affected family="unix"><platform>Debian GNU/Linux {release}</platform><product>{escape(source)}</product></affected>'
            f'<reference ref_id="{vulnerability}" ref_url="https://security-tracker.debian.org/tracker/{vulnerability}" source="CVE"/>'
            f"<description>security update</description><debian><moreinfo></moreinfo></debian></metadata>"
            f'<criteria comment="Release section" operator="AND"><criterion comment="Debian {release} is installed" test_ref="{is_release}"/>'
            f'<criteria comment="Architecture section" operator="OR"><criteria comment="Architecture independent section" operator="AND">'
            f'<criterion comment="all architecture" test_ref="{all_arches}"/><criterion comment={quoteattr(comment)} test_ref="{test}"/>'
            f"</criteria></criteria></criteria></definition>"
        )
    return document.text(), about


# The tracker's status, and the words of the documents for it.
WORDS = {
    "released": "was vulnerable but has been fixed",
    "needed": "is affected and needs fixing",
    "active": "is affected and needs fixing",
    "needs-triage": "is affected and may need fixing",
    "pending": "is affected. An update containing the fix has been completed and is pending publication",
    "deferred": "is affected, but a decision has been made to defer addressing it",
    "ignored": "while related to the CVE in some way, a decision has been made to ignore this issue",
}


def of_ubuntu(notes, release, codename, binaries):
    """Ubuntu's form of {(vulnerability, source): (place, status, detail)}, with the binaries of each source; one definition a vulnerability."""
    prefix = f"oval:com.ubuntu.{codename}"
    document = Document(prefix)
    is_release = document.file_test("/etc", "lsb-release", r"^[\s\S]*DISTRIB_CODENAME=([a-z]+)$", codename)
    document.parts["definitions"].append(
        f'<definition class="inventory" id="{prefix}:def:100" version="1"><metadata><title>Check that Ubuntu {release} is installed.</title>'
        f'<description/></metadata><criteria><criterion test_ref="{is_release}" comment="Ubuntu {release} is installed."/></criteria></definition>'
    )
    by_vulnerability = {}
    for (vulnerability, source), said in sorted(notes.items()):
        by_vulnerability.setdefault(vulnerability, []).append((source, *said))
    about = {}
    for number, (vulnerability, said) in enumerate(by_vulnerability.items(), 1):
        id = f"{prefix}:def:{number}0000000"
        criteria = ""
        about[id] = []
        for source, place, status, detail in said:
            fixed = detail if status == "released" else None
            test, element = criterion(document, binaries[source], source, place, status, detail)
            about[id].append(About(vulnerability, source, fixed, test))
            criteria += element
        document.parts["definitions"].append(
            f'<definition class="vulnerability" id="{id}" version="1"><metadata><title>{vulnerability} on Ubuntu {release} - medium</title>'
            f'<description>none</description><affected family="unix"><platform>Ubuntu {release} LTS</platform></affected>'
            f'<reference source="CVE" ref_id="{vulnerability}" ref_url="https://www.cve.org/CVERecord?id={vulnerability}"/>'
            f'<advisory><severity>Medium</severity><cve priority="medium" public="20230401">{vulnerability}</cve></advisory></metadata>'
            f'<criteria><extend_definition definition_ref="{prefix}:def:100" comment="Ubuntu {release} is installed." applicability_check="true"/>'
            f'<criteria operator="OR">{criteria}</criteria></criteria></definition>'
        )
    return document.text(), about


def criterion(document, binaries, source, place, status, detail):
    names = "".join(f"<value>{escape(name)}</value>" for name in sorted(binaries))
    variable = document.once(
        "variables", "var", source,
        lambda id: f'<constant_variable id="{id}" version="1" datatype="string" comment="The \'{source}\' package binaries">{names}</constant_variable>',
    )
    fixed = detail if status == "released" else None
    name = f'<linux-def:name var_ref="{variable}" var_check="at least one"/>'
    test = document.package_test(name, fixed, "at least one", f"Does the '{source}' package exist?")
    note = f" (note: '{re.sub(chr(39), '', detail)}')" if detail else ""
    comma = "," if status == "ignored" else ""
    comment = f"{source} package in {place}{comma} {WORDS[status]}{note}."
    return test, f'<criterion test_ref="{test}" comment={quoteattr(comment)}/>'
