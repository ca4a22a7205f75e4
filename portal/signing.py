"""Signatures that outlive the program: Ed25519 in the files of minisign, and keys that only their owner can read.

What is signed here can be checked with stock minisign and one public key, years later, without us. The first two letters
of every key and signature name the algorithm; SM2 gets its own two when the association asks for it (`ALGORITHMS`).
Files are held to the exact form in which they are written: a signature that was touched anywhere is refused, also
where the mathematics would not notice, as in the comment of its first line.
"""

import base64
import binascii
import hashlib
import os
import secrets
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from portal.refusal import Refusal
from portal.store.database import sync_folder

Algorithm = Literal["ed25519"]
"""How something is signed; "sm2" will stand here too."""

ALGORITHMS: dict[bytes, Algorithm] = {b"Ed": "ed25519"}
"""The algorithm by the two letters in a key file. `S2` is kept free for SM2."""

SECRET_NAME, PUBLIC_NAME = "signing.key", "signing.pub"
_HASHED = b"ED"  # what a signature over the BLAKE2b hash of a document begins with
_UNTRUSTED, _TRUSTED = "untrusted comment: ", "trusted comment: "
_SIGNED = ("signature from zhunsheng", "signature from minisign secret key")
"""The first lines of signatures we take: ours, and that of the stock program with its own words."""
_SECRET = "minisign encrypted secret key"  # noqa: S105  the heading of the file, as the stock program writes it
_LONGEST = 4096


class BadKey(ValueError):
    """A file is not the key it should be. The sentence is for people."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What everybody may have, to check with. `number` tells keys apart."""

    number: bytes
    raw: bytes
    algorithm: Algorithm = "ed25519"

    @property
    def name(self) -> str:
        """The number as people compare it."""
        return self.number[::-1].hex().upper()

    @property
    def line(self) -> str:
        """The key in one line, as `minisign -P` takes it."""
        return _encoded(b"Ed" + self.number + self.raw)

    @property
    def text(self) -> str:
        """The file of the key."""
        return f"{_UNTRUSTED}minisign public key {self.name}\n{self.line}\n"

    def made(self, signature: bytes, message: bytes) -> bool:
        """Whether a bare signature over a message was made with the secret half of this key."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


class Signer(Protocol):
    """Whoever can sign: a key in a file, or one that stays in a device."""

    @property
    def public(self) -> PublicKey:
        """The public half."""

    def sign(self, message: bytes) -> bytes:
        """Return the bare signature over a message."""


class SecretKey:
    """A key that can sign. It shows itself nowhere but in its file."""

    def __init__(self, number: bytes, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        raw = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self._public = PublicKey(number, raw)

    @property
    def public(self) -> PublicKey:
        """The public half."""
        return self._public

    def sign(self, message: bytes) -> bytes:
        """Return the bare signature over a message."""
        return self._key.sign(message)

    def file_text(self) -> str:
        """Return the file of the key, as `minisign -s` takes it; without a password, so its mode must protect it."""
        seed = self._key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        body = self._public.number + seed + self._public.raw
        check = hashlib.blake2b(b"Ed" + body, digest_size=32).digest()
        return f"{_UNTRUSTED}{_SECRET}\n{_encoded(b'Ed' + bytes(2) + b'B2' + bytes(48) + body + check)}\n"


def new_key() -> SecretKey:
    """Return a new key of chance."""
    return SecretKey(secrets.token_bytes(8), secrets.token_bytes(32))


# Files ----------------------------------------------------------------------------------------------------------------


def make_keys(folder: Path) -> PublicKey:
    """Make a pair of keys in a folder: the secret one for its owner only (0400). One that is there is never replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / SECRET_NAME
    if path.exists():
        key = load_secret(path)
    else:
        key = new_key()
        _write(path, key.file_text(), 0o400)
    if not (folder / PUBLIC_NAME).exists():
        _write(folder / PUBLIC_NAME, key.public.text, 0o444)
    sync_folder(folder)
    return key.public


def _write(path: Path, text: str, mode: int) -> None:
    """Write a new file that has its mode from the first byte on, and is durable."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "w", encoding="ascii", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def exposed(path: Path) -> Refusal | None:
    """Return why a secret key must not be used as it lies there: others than its owner can read or change it."""
    if os.name == "nt" or not path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return None
    return Refusal("invalid", "key_exposed", f"签名私钥 {path} 别的用户也能读到", f"请运行 chmod 400 {path}")


def load_secret(path: Path) -> SecretKey:
    """Read a secret key. Raises BadKey, with a sentence, for what is not one or lies open to others."""
    data = _decoded(_read(path), _SECRET, path)
    if found := exposed(path):
        raise BadKey(found.message)
    if len(data) != 158 or data[2:4] != bytes(2):
        raise BadKey(f"{path} 不是不带口令的签名私钥。请用 zhunsheng init 生成的那一个。")
    _algorithm(data, path)
    number, seed, raw = data[54:62], data[62:94], data[94:126]
    check = hashlib.blake2b(data[:2] + data[54:126], digest_size=32).digest()
    key = SecretKey(number, seed)
    if key.public.raw != raw or data[126:] not in (check, bytes(32)):
        raise BadKey(f"签名私钥 {path} 已损坏。请从备份恢复这个文件。")
    return key


def load_public(path: Path) -> PublicKey:
    """Read a public key. Raises BadKey, with a sentence, for what is not one."""
    return public_key(_read(path), str(path))


def public_key(text: str, name: str = "公钥") -> PublicKey:
    """Return the key of a public key file, or of its second line alone."""
    lines = text.splitlines()
    data = _raw(lines[-1]) if lines else None
    if data is None or len(data) != 42:
        raise BadKey(f"{name} 不是一把公钥。请用 {PUBLIC_NAME}，或 minisign 的公钥。")
    key = PublicKey(data[2:10], data[10:], _algorithm(data, name))
    if text.rstrip("\n") not in (key.text.rstrip("\n"), key.line):
        raise BadKey(f"{name} 被改动过。请向秘书处另要一份。")
    return key


def _algorithm(data: bytes, name: object) -> Algorithm:
    found = ALGORITHMS.get(data[:2])
    if found is None:
        raise BadKey(f"{name} 用的算法这个版本还不认识。请更新程序。")
    return found


def _read(path: Path) -> str:
    try:
        return path.read_bytes()[:_LONGEST].decode("ascii")
    except OSError as error:
        raise BadKey(f"打不开 {path}。请检查文件名和权限。") from error
    except UnicodeDecodeError as error:
        raise BadKey(f"{path} 不是钥匙文件。请检查文件名。") from error


def _decoded(text: str, heading: str, path: Path) -> bytes:
    lines = text.splitlines()
    data = _raw(lines[1]) if len(lines) == 2 and lines[0] == _UNTRUSTED + heading else None
    if data is None:
        raise BadKey(
            f"{path} 不是签名私钥，或不完整。请从备份恢复；确实从未用过的，删去后再运行 zhunsheng init。"
        )
    return data


# Documents ------------------------------------------------------------------------------------------------------------


def sign_document(document: bytes, signer: Signer, comment: str) -> str:
    """Return the .minisig of a document. `comment` is one line that is signed as well, and is shown on verifying."""
    if not comment.isascii() or not comment.isprintable():
        raise ValueError("stock minisign shows only plain letters in a comment")
    public = signer.public
    signature = signer.sign(hashlib.blake2b(document).digest())
    whole = signer.sign(signature + comment.encode())
    first = _encoded(_HASHED + public.number + signature)
    return f"{_UNTRUSTED}{_SIGNED[0]}\n{first}\n{_TRUSTED}{comment}\n{_encoded(whole)}\n"


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature that holds: whose it is, and the comment signed with it."""

    key: PublicKey
    comment: str


def verify_document(document: bytes, signature: str, keys: Iterable[PublicKey]) -> Signed | Refusal:
    """Check a document against its .minisig and the keys one trusts."""
    parsed = _parsed(signature)
    if parsed is None:
        return _refused("signature_malformed", "签名文件不完整或被改动过", "请重新取得 .minisig 文件")
    number, bare, comment, whole = parsed
    key = next((one for one in keys if one.number == number), None)
    if key is None:
        name = PublicKey(number, b"").name
        return _refused(
            "signature_unknown", f"签名用的钥匙 {name} 不是所给的公钥", "请核对公钥是否由秘书处公布"
        )
    if not key.made(bare, hashlib.blake2b(document).digest()):
        return _refused("signature_wrong", "文件与签名不符，签名之后有改动", "请重新取得文件，不要采用这一份")
    if not key.made(whole, bare + comment.encode("utf-8", "surrogatepass")):
        return _refused("signature_comment", "签名里的附注被改动过", "请重新取得 .minisig 文件")
    return Signed(key, comment)


def _refused(code: str, what: str, then: str) -> Refusal:
    return Refusal("invalid", code, what, then)


def _parsed(text: str) -> tuple[bytes, bytes, str, bytes] | None:
    """Take a signature apart; None unless it is written in exactly the one way it can be written."""
    lines = text.split("\n")
    if len(text) > _LONGEST or len(lines) != 5 or lines[4]:
        return None
    if lines[0] not in [_UNTRUSTED + one for one in _SIGNED] or not lines[2].startswith(_TRUSTED):
        return None
    first, whole = _raw(lines[1]), _raw(lines[3])
    if first is None or whole is None or len(first) != 74 or len(whole) != 64 or first[:2] != _HASHED:
        return None
    return first[2:10], first[10:], lines[2].removeprefix(_TRUSTED), whole


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _raw(text: str) -> bytes | None:
    """Return what base64 stands for; None for what is not its one way of writing."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if _encoded(data) == text else None
