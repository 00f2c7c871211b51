"""The private authority of the sites and its certificates, good and bad, made by openssl."""

import subprocess
from pathlib import Path

NAMES = "DNS:*.smokegate.test,DNS:smokegate.test"
GOOD = ("20260101000000Z", "20460101000000Z")
OVER = ("20240101000000Z", "20250101000000Z")
TO_COME = ("20440101000000Z", "20450101000000Z")

CONFIGURATION = """
[ca]
default_ca = authority
[authority]
database = index
serial = serial
new_certs_dir = .
default_md = sha256
policy = policy
copy_extensions = copy
unique_subject = no
[policy]
commonName = supplied
[leaf]
basicConstraints = CA:false
[intermediate]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign
"""


def make_certificates(folder: Path) -> None:
    """Makes `ca.pem`, and NAME.pem with NAME.key for good, expired, not_yet, wrong_name, untrusted and incomplete_chain."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "openssl.cnf").write_text(CONFIGURATION)
    (folder / "index").write_text("")
    (folder / "serial").write_text("01\n")
    make_root(folder, "ca", "Smokegate Sites Root CA")
    make_root(folder, "stranger", "Somebody Else's CA")
    sign(folder, "ca", "intermediate", "Smokegate Sites Intermediate CA", "", GOOD, "intermediate")
    sign(folder, "intermediate", "good", "smokegate.test", NAMES, GOOD)
    sign(folder, "intermediate", "expired", "smokegate.test", NAMES, OVER)
    sign(folder, "intermediate", "not_yet", "smokegate.test", NAMES, TO_COME)
    sign(folder, "intermediate", "wrong_name", "elsewhere.test", "DNS:elsewhere.test", GOOD)
    sign(folder, "intermediate", "incomplete_chain", "smokegate.test", NAMES, GOOD)
    sign(folder, "stranger", "untrusted", "smokegate.test", NAMES, GOOD)
    make_root(folder, "self_signed", "todo.smokegate.test", NAMES)
    for name in ("good", "expired", "not_yet", "wrong_name"):
        whole = (folder / f"{name}.pem").read_text() + (folder / "intermediate.pem").read_text()
        (folder / f"{name}.pem").write_text(whole)


def make_root(folder: Path, name: str, common_name: str, names: str = "") -> None:
    extension = ["-addext", f"subjectAltName={names}"] if names else []
    options = ["-x509", "-days", "7300", "-subj", f"/CN={common_name}", *extension, "-out", f"{name}.pem"]
    request(folder, name, options)


def request(folder: Path, name: str, options: list[str]) -> None:
    """A new key, and what is asked for with it."""
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key"]
    run(folder, "req", *key, *options)


def sign(
    folder: Path, issuer: str, name: str, common_name: str, names: str, dates: tuple[str, str], kind: str = "leaf"
) -> None:
    extension = ["-addext", f"subjectAltName={names}"] if names else []
    subject = ["-subj", f"/CN={common_name}", *extension, "-out", f"{name}.csr"]
    request(folder, name, subject)
    authority = ["-cert", f"{issuer}.pem", "-keyfile", f"{issuer}.key", "-extensions", kind]
    validity = ["-startdate", dates[0], "-enddate", dates[1]]
    files = ["-in", f"{name}.csr", "-out", f"{name}.pem", "-notext", "-batch"]
    run(folder, "ca", "-config", "openssl.cnf", *authority, *validity, *files)


def run(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)
