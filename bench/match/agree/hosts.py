"""Hosts: what is installed on them, read from an inventory of Vuls or a dpkg status file, and written as whatever a tool reads.

Knows nothing of vulnerabilities. The running kernel and the release come from the inventory, or from the files of the system's root.
"""

import dataclasses
import json
import pathlib
import re
import shutil

SOURCE_FIELD = re.compile(r"^(\S+)(?:\s+\((\S+)\))?$")


@dataclasses.dataclass(frozen=True)
class Package:
    name: str
    version: str
    source: str
    source_version: str
    arch: str = "amd64"
    # The label of the module it was built in, `name:stream:version:context`; of rpm packages only.
    module: str = ""


@dataclasses.dataclass
class Host:
    name: str
    family: str
    release: str
    running: str
    packages: list
    # The real dpkg status, where there is one.
    status: str = ""
    codename: str = ""


def of_inventory(path):
    """A host out of a Vuls result; every binary has the version of the source package that lists it."""
    document = json.loads(pathlib.Path(path).read_text())
    sources = {
        binary: source
        for source in (document.get("SrcPackages") or {}).values()
        for binary in source["binaryNames"]
    }
    packages = []
    for package in document["packages"].values():
        version = "-".join(part for part in (package["version"], package["release"]) if part)
        source = sources.get(package["name"], {"name": package["name"], "version": version})
        arch, module = package["arch"] or "amd64", package.get("modularitylabel") or ""
        packages.append(Package(package["name"], version, source["name"], source["version"], arch, module))
    release = document["release"]
    if document["family"] == "debian":
        release = release.split(".")[0]
    running = document["runningKernel"]["release"]
    return Host(pathlib.Path(path).stem, document["family"], release, running, packages)


def of_root(path):
    """A host out of the root of a Debian system: its os-release and its dpkg status."""
    root = pathlib.Path(path)
    os_release = dict(
        line.split("=", 1) for line in (root / "etc/os-release").read_text().splitlines() if "=" in line
    )
    unquoted = {key: value.strip('"') for key, value in os_release.items()}
    packages = list(of_status(root / "var/lib/dpkg/status"))
    return Host(root.name, unquoted["ID"], unquoted["VERSION_ID"], "", packages, str(root / "var/lib/dpkg/status"))


def at_the_fixes(name, family, release, fixes):
    """Hosts made of the data, at the edges: every source package at its newest fix, just before it, at its oldest fix, and rebuilt.

    `fixes` has the versions of each source package that fixed something, the oldest first.
    """
    edges = {
        "at-the-newest-fix": lambda versions: versions[-1],
        "before-the-newest-fix": lambda versions: versions[-1] + "~",
        "at-the-oldest-fix": lambda versions: versions[0],
        "before-the-oldest-fix": lambda versions: versions[0] + "~",
        "rebuilt-in-between": lambda versions: versions[len(versions) // 2] + "+b1",
    }
    for edge, version in edges.items():
        packages = [Package(source, version(versions), source, version(versions)) for source, versions in sorted(fixes.items())]
        yield Host(f"{name}-{edge}", family, release, "", packages)


def large(known, count):
    """A host of so many packages: those of all the hosts, each name once, and more binaries of the same sources until it is full."""
    by_name = {package.name: package for host in known for package in host.packages}
    packages = list(by_name.values())
    for number in range(count - len(packages)):
        package = packages[number % len(by_name)]
        packages.append(dataclasses.replace(package, name=f"{package.name}-more{number // len(by_name)}"))
    return Host(f"large-{count}", known[0].family, known[0].release, known[0].running, packages[:count])


def of_status(path):
    """The installed packages of a dpkg status file."""
    for paragraph in pathlib.Path(path).read_text(errors="replace").split("\n\n"):
        fields = {}
        for line in paragraph.splitlines():
            key, colon, value = line.partition(":")
            if colon and not line[0].isspace():
                fields[key] = value.strip()
        if "installed" not in fields.get("Status", "").split():
            continue
        source, source_version = SOURCE_FIELD.match(fields.get("Source", fields["Package"])).groups()
        version = fields["Version"]
        yield Package(fields["Package"], version, source, source_version or version, fields.get("Architecture", "amd64"))


def write_status(host, path):
    """The dpkg status file of a host, as far as tools that read versions look at it."""
    with open(path, "w") as out:
        for package in host.packages:
            out.write(f"Package: {package.name}\nStatus: install ok installed\nPriority: optional\nSection: misc\n")
            out.write(f"Installed-Size: 1\nMaintainer: nobody <nobody@localhost>\nArchitecture: {package.arch}\n")
            if (package.source, package.source_version) != (package.name, package.version):
                version = "" if package.source_version == package.version else f" ({package.source_version})"
                out.write(f"Source: {package.source}{version}\n")
            out.write(f"Version: {package.version}\nDescription: none\n\n")


def snapshot(host):
    """The Snapshot document of a host (docs/reference/snapshot.schema.json)."""
    packages = [
        {
            "manager": "dpkg" if host.family in ("debian", "ubuntu") else "rpm",
            "name": package.name,
            "version": package.version,
            "arch": package.arch,
            "source": package.source,
            "source_version": package.source_version,
            **({"module": package.module} if package.module else {}),
        }
        for package in sorted(host.packages, key=lambda package: (package.name, package.arch))
    ]
    sections = {
        "os": {"family": "linux", "id": host.family, "name": host.family, "version_id": host.release, "hostname": host.name},
        "kernel": {"running": host.running},
        "packages": {"items": packages},
        "python_packages": {"items": []},
        "applications": {"items": []},
    }
    return {
        "schema": "luumen.snapshot/1",
        "taken_at": "2023-04-01T00:00:00.000Z",
        "duration_ms": 0,
        "collector": {"name": "luumen-agree", "version": "0", "catalogue": "0"},
        "tier": "none",
        "username": "nobody",
        "sections": {
            kind: {"status": "ok", "duration_ms": 0, "data": data} for kind, data in sections.items()
        },
    }


def write_snapshot(host, path):
    pathlib.Path(path).write_text(json.dumps(snapshot(host)))


def write_root(host, root):
    """As much of the root of a host as OpenSCAP and apt look at, in a folder of its own: they write caches, and a real root is not theirs to write in."""
    for folder in ("etc/apt/sources.list.d", "etc/apt/apt.conf.d", "etc/apt/preferences.d", "usr/share", "var/lib/dpkg"):
        (root / folder).mkdir(parents=True)
    for folder in ("var/lib/apt/lists/partial", "var/cache/apt/archives/partial"):
        (root / folder).mkdir(parents=True)
    shutil.copytree("/usr/share/dpkg", root / "usr/share/dpkg")
    (root / "etc/apt/sources.list").write_text("")
    (root / "etc/os-release").write_text(f'ID={host.family}\nVERSION_ID="{host.release}"\n')
    (root / "etc/debian_version").write_text(f"{host.release}.0\n")
    (root / "etc/lsb-release").write_text(f"DISTRIB_ID=Ubuntu\nDISTRIB_CODENAME={host.codename}\n")
    if host.status:
        shutil.copy(host.status, root / "var/lib/dpkg/status")
    else:
        write_status(host, root / "var/lib/dpkg/status")
