"""Writes a wheel (PEP 427) from a built library and the source distribution that holds everything else of it.

The metadata is the source distribution's own, so that both say the same. Same input, same bytes.
"""

import argparse
import base64
import hashlib
import pathlib
import tarfile
import tomllib
import zipfile

TAG = "cp310-abi3"
EARLIEST = (1980, 1, 1, 0, 0, 0)  # What a zip can say.


def contents(sdist: pathlib.Path, library: pathlib.Path, platform: str) -> tuple[str, dict[str, bytes]]:
    """The name of the wheel, and its files in the order they are written."""
    with tarfile.open(sdist) as archive:
        top = sdist.name.removesuffix(".tar.gz")
        source = {
            member.name.removeprefix(f"{top}/"): archive.extractfile(member).read()
            for member in archive.getmembers()
            if member.isfile()
        }
    name, version = top.rsplit("-", 1)
    project = tomllib.loads(source["pyproject.toml"].decode())["project"]
    info = f"{name}-{version}.dist-info"

    package = {
        path.removeprefix("python/"): data
        for path, data in sorted(source.items())
        if path.startswith("python/")
    }
    package["ottla/_ottla.abi3.so"] = library.read_bytes()
    about = {
        f"{info}/METADATA": source["PKG-INFO"],
        f"{info}/WHEEL": (
            f"Wheel-Version: 1.0\nGenerator: ottla {version}\nRoot-Is-Purelib: false\nTag: {TAG}-{platform}\n"
        ).encode(),
    }
    if groups := project.get("entry-points"):
        lines = []
        for group, entries in groups.items():
            lines += [f"[{group}]", *(f"{entry} = {target}" for entry, target in entries.items()), ""]
        about[f"{info}/entry_points.txt"] = "\n".join(lines).encode()
    for license_file in project.get("license-files", []):
        about[f"{info}/licenses/{license_file}"] = source[license_file]
    return f"{name}-{version}-{TAG}-{platform}.whl", package | about


def record(name: str, data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"{name},sha256={digest},{len(data)}"


def write(wheel: pathlib.Path, files: dict[str, bytes], info: str) -> None:
    lines = [record(name, data) for name, data in files.items()]
    files = files | {f"{info}/RECORD": "\n".join([*lines, f"{info}/RECORD,,", ""]).encode()}
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, EARLIEST)
            entry.external_attr = (0o100755 if name.endswith(".so") else 0o100644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sdist", type=pathlib.Path, required=True)
    parser.add_argument("--library", type=pathlib.Path, required=True)
    parser.add_argument("--platform", required=True, help="manylinux_2_17_x86_64, say")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    given = parser.parse_args()
    name, files = contents(given.sdist, given.library, given.platform)
    write(given.out / name, files, next(path for path in files if path.endswith("/METADATA")).removesuffix("/METADATA"))
    print(given.out / name)


if __name__ == "__main__":
    main()
