"""Real rpm databases of made-up or listed packages, by `rpmdb --importdb`, and rpm's own order of versions.

What is imported is a header as rpm keeps it: name, epoch, version, release, architecture, source, module, files, and a signature that names its key.
Nobody could have made those signatures but the vendors, so they are signatures of nothing: `oscap` reads which key they name, and nobody checks them here.
"""

import atexit
import functools
import os
import shutil
import struct
import subprocess

INT16, INT32, TEXT, BYTES, TEXTS, I18N = 3, 4, 6, 7, 8, 9
I18N_TABLE, NAME, VERSION, RELEASE, EPOCH, SUMMARY = 100, 1000, 1001, 1002, 1003, 1004
BUILD_TIME, INSTALL_TIME, SIZE, OS, ARCH, SOURCE_RPM, SIGNATURE, MODULE = 1006, 1008, 1009, 1021, 1022, 1044, 259, 5096
SIGNED_AT = 1600000000
# A database for `rpm` and for the probes of oscap alike; Debian's own setting is a folder in the home of whoever asks.
PLACE = "/var/lib/rpm"


def make(packages, root, files, keys):
    """Writes the database of a root, with the files {package: [path, …]}, of packages that are signed with {package: key}."""
    (root / "var/lib/rpm").mkdir(parents=True, exist_ok=True)
    headers = b"".join(header_of(package, files.get(package.name, []), keys.get(package.name)) for package in packages)
    subprocess.run(["rpmdb", "--root", str(root), "--dbpath", PLACE, "--importdb"], input=headers, check=True, capture_output=True)
    for package, paths in files.items():
        for path in paths:
            place = root / path.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(f"{package}\n")


def home(folder):
    """An environment in which rpm looks for databases where they are."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".rpmmacros").write_text(f"%_dbpath {PLACE}\n")
    return {**os.environ, "HOME": str(folder)}


def header_of(package, files, key):
    epoch, _, rest = package.version.rpartition(":")
    version, _, release = rest.partition("-")
    entries = [
        (I18N_TABLE, TEXTS, ["C"]), (NAME, TEXT, package.name), (VERSION, TEXT, version), (RELEASE, TEXT, release),
        (SUMMARY, I18N, ["none"]), (BUILD_TIME, INT32, [SIGNED_AT]), (INSTALL_TIME, INT32, [SIGNED_AT]), (SIZE, INT32, [0]),
        (OS, TEXT, "linux"), (ARCH, TEXT, package.arch),
        (SOURCE_RPM, TEXT, f"{package.source}-{package.source_version.rpartition(':')[2]}.src.rpm"),
    ]
    if epoch:
        entries.append((EPOCH, INT32, [int(epoch)]))
    if package.module:
        entries.append((MODULE, TEXT, package.module))
    if key:
        entries.append((SIGNATURE, BYTES, signature(key)))
    return header(entries + entries_of_files(files))


def entries_of_files(files):
    """Base names, folders, and of everything else what an empty file of root has."""
    if not files:
        return []
    folders = sorted({path.rpartition("/")[0] + "/" for path in files})
    all_of = len(files)
    return [
        (1117, TEXTS, [path.rpartition("/")[2] for path in files]), (1118, TEXTS, folders),
        (1116, INT32, [folders.index(path.rpartition("/")[0] + "/") for path in files]),
        (1028, INT32, [0] * all_of), (1030, INT16, [0o100644] * all_of), (1033, INT16, [0] * all_of), (1034, INT32, [SIGNED_AT] * all_of),
        (1035, TEXTS, [""] * all_of), (1036, TEXTS, [""] * all_of), (1037, INT32, [0] * all_of), (1039, TEXTS, ["root"] * all_of),
        (1040, TEXTS, ["root"] * all_of), (1045, INT32, [0xFFFFFFFF] * all_of), (1095, INT32, [1] * all_of),
        (1096, INT32, list(range(1, all_of + 1))), (1097, TEXTS, [""] * all_of), (5011, INT32, [8]),
    ]


def header(entries):
    """rpm's form of a header: a magic number, an index of tags, and their values."""
    index, store = b"", b""
    for tag, kind, value in sorted(entries):
        if kind in (INT16, INT32):
            size, letter = {INT16: (2, "H"), INT32: (4, "I")}[kind]
            store += b"\0" * (-len(store) % size)
            count, data = len(value), struct.pack(f">{len(value)}{letter}", *value)
        elif kind == BYTES:
            count, data = len(value), value
        else:
            texts = [value] if kind == TEXT else value
            count, data = len(texts), b"".join(text.encode() + b"\0" for text in texts)
        index += struct.pack(">IIII", tag, kind, len(store), count)
        store += data
    return bytes.fromhex("8eade80100000000") + struct.pack(">II", len(index) // 16, len(store)) + index + store


def signature(key):
    """An OpenPGP signature packet of version 3, RSA and SHA-256, that names this key and signs nothing."""
    body = bytes([3, 5, 0]) + struct.pack(">I", SIGNED_AT) + bytes.fromhex(key) + bytes([1, 8, 0, 0]) + struct.pack(">H", 9) + b"\x01\x55"
    return bytes([0x88, len(body)]) + body


def installed(root):
    """(name, version with epoch, architecture, source rpm, module) of what a root's database lists, as rpm reads it."""
    form = "%{NAME}\t%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\t%{ARCH}\t%{SOURCERPM}\t%{MODULARITYLABEL}\n"
    command = ["rpm", "--root", str(root), "--dbpath", PLACE, "-qa", "--qf", form]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [tuple("" if word == "(none)" else word for word in line.split("\t")) for line in told.splitlines()]


def copy(source, root):
    """The database of a root, in another one: who reads a database writes beside it."""
    shutil.copytree(source / PLACE.lstrip("/"), root / PLACE.lstrip("/"))


@functools.cache
def comparer():
    """rpm itself, asked line by line."""
    lua = (
        "for line in io.stdin:lines() do local a, b = line:match('([^ ]+) ([^ ]+)') "
        "io.stdout:write(rpm.vercmp(a, b), '\\n') io.stdout:flush() end"
    )
    process = subprocess.Popen(["rpm", "--eval", f"%{{lua: {lua}}}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    atexit.register(process.wait)
    atexit.register(process.stdin.close)
    return process


@functools.cache
def compare(a, b):
    """-1, 0 or 1; an epoch that is not written is 0."""
    a, b = (version if ":" in version else f"0:{version}" for version in (a, b))
    process = comparer()
    process.stdin.write(f"{a} {b}\n")
    process.stdin.flush()
    return int(process.stdout.readline())


def older(a, b):
    return compare(a, b) < 0
