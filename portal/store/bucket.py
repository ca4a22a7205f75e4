"""Evidence in an S3-compatible store: put only where nothing is, with a checksum the server has to agree to."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import S3Store

from portal.moment import now
from portal.store.blobs import CHUNK, HASH, UPLOAD, agree, checked, part_name, whole_part
from portal.store.database import Unavailable

if TYPE_CHECKING:
    from obstore.store import ClientConfig, S3Config

PATIENCE = timedelta(seconds=30)
"""How long a call is repeated before the store counts as not to be reached."""


class Bucket:
    """Evidence under content/, two letters of the hash, the hash; parts of uploads under parts/."""

    def __init__(self, store: S3Store) -> None:
        self.store = store

    def put(self, chunks: Iterable[bytes]) -> tuple[str, int]:
        """Store content: the name is its hash, so it is put together in memory first (a file has a limit)."""
        data = b"".join(chunks)
        found = hashlib.sha256(data).hexdigest()
        try:
            obstore.put(self.store, _key(found), data, mode="create", use_multipart=False)
        except AlreadyExistsError:
            self._compare(found, len(data))
        except BaseError as error:
            raise Unavailable(_plain(error)) from error
        return found, len(data)

    def _compare(self, sha256: str, size: int) -> None:
        try:
            if obstore.head(self.store, _key(sha256))["size"] != size:
                raise Unavailable(f"what is stored as {sha256} is of another size")
        except (FileNotFoundError, BaseError) as error:
            raise Unavailable(_plain(error)) from error

    def read(self, sha256: str) -> Iterator[bytes]:
        """Return content in pieces."""
        try:
            return self._stream(_key(sha256))
        except KeyError:
            if not self._brought_back(sha256):
                raise
            return self._stream(_key(sha256))

    def _stream(self, key: str) -> Iterator[bytes]:
        try:
            pieces = obstore.get(self.store, key).stream(min_chunk_size=CHUNK)
        except FileNotFoundError as error:
            raise KeyError(key) from error
        except BaseError as error:
            raise Unavailable(_plain(error)) from error
        return _passed_on(pieces)

    def has(self, sha256: str) -> bool:
        """Whether the content is there."""
        if not HASH.fullmatch(sha256):
            return False
        try:
            obstore.head(self.store, _key(sha256))
        except FileNotFoundError:
            return self._brought_back(sha256)
        except BaseError as error:
            raise Unavailable(_plain(error)) from error
        return True

    def _brought_back(self, sha256: str) -> bool:
        return self._moved(_aside(sha256), _key(sha256))

    def _moved(self, source: str, target: str) -> bool:
        """Copy, then delete: whoever is stopped between leaves two, never none."""
        try:
            obstore.copy(self.store, source, target)
            obstore.delete(self.store, source)
        except FileNotFoundError:
            return False
        except BaseError as error:
            raise Unavailable(_plain(error)) from error
        return True

    def resting(self, seconds: float) -> Iterator[str]:
        """Return what was stored longer ago than that."""
        return self._older("content/", seconds)

    def _older(self, prefix: str, seconds: float) -> Iterator[str]:
        before = now() - timedelta(seconds=seconds)
        found = (one for one in self._list(prefix) if one["last_modified"] <= before)
        names = (str(one["path"]).rpartition("/")[2] for one in found)
        yield from (name for name in names if HASH.fullmatch(name))

    def set_aside(self, sha256: str) -> None:
        """Take content out of the way."""
        self._moved(_key(sha256), _aside(sha256))

    def aside(self, seconds: float = 0) -> Iterator[str]:
        """Return what was set aside longer ago than that."""
        return self._older("aside/", seconds)

    def forget(self, sha256: str) -> None:
        """Throw away what was set aside."""
        self._delete([_aside(sha256)])

    def _list(self, prefix: str) -> Iterator[Mapping[str, Any]]:
        try:
            for page in obstore.list(self.store, prefix=prefix):
                yield from page
        except BaseError as error:
            raise Unavailable(_plain(error)) from error

    def each(self) -> Iterator[str]:
        """Return what is there, in order."""
        names = (str(one["path"]).rpartition("/")[2] for one in self._list("content/"))
        yield from sorted(name for name in names if HASH.fullmatch(name))

    def _parts(self, upload: str) -> dict[str, int]:
        found = self._list(f"parts/{checked(UPLOAD, upload)}/")
        return {str(one["path"]).rpartition("/")[2]: int(one["size"]) for one in found}

    def put_part(self, upload: str, number: int, data: bytes) -> None:
        """Keep a part."""
        name = part_name(number, data)
        if agree(self._parts(upload), name):
            return
        try:
            obstore.put(self.store, f"parts/{upload}/{name}", data, use_multipart=False)
        except BaseError as error:
            raise Unavailable(_plain(error)) from error

    def parts(self, upload: str) -> Mapping[int, int]:
        """Return the parts that have arrived."""
        return {int(name[:5]): size for name, size in sorted(self._parts(upload).items())}

    def join(self, upload: str) -> Iterator[bytes]:
        """Return the parts in order."""
        for name in sorted(self._parts(upload)):
            yield whole_part(name, b"".join(self._stream(f"parts/{upload}/{name}")))

    def drop(self, upload: str) -> None:
        """Let the parts go."""
        self._delete([f"parts/{upload}/{name}" for name in self._parts(upload)])

    def _delete(self, keys: list[str]) -> None:
        try:
            for key in keys:
                obstore.delete(self.store, key)
        except FileNotFoundError:
            pass
        except BaseError as error:
            raise Unavailable(_plain(error)) from error

    def sweep(self, stray: float, resting: float) -> int:  # noqa: ARG002  here are no temporary files
        """Remove what nobody will finish."""
        before = now() - timedelta(seconds=resting)
        keys = [str(one["path"]) for one in self._list("parts/") if one["last_modified"] < before]
        self._delete(keys)
        return len(keys)


def _passed_on(pieces: Iterable[Any]) -> Iterator[bytes]:
    try:
        for piece in pieces:
            yield bytes(piece)
    except BaseError as error:
        raise Unavailable(_plain(error)) from error


def _key(sha256: str) -> str:
    checked(HASH, sha256)
    return f"content/{sha256[:2]}/{sha256}"


def _aside(sha256: str) -> str:
    return f"aside/{checked(HASH, sha256)}"


def _plain(error: Exception) -> str:
    """Return the first line of what the library says: the rest may hold addresses and signatures."""
    return f"the evidence store does not answer ({type(error).__name__})"


def open_bucket(address: str) -> Bucket:
    """Open s3://bucket/prefix?endpoint=https://…&region=…&style=virtual (what follows the question mark may be left out).

    Stores that want the name of the bucket in front of theirs (Alibaba, Tencent) need `style=virtual`.
    """
    parts = urlsplit(address)
    asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    if not parts.netloc or "@" in parts.netloc or set(asked) - {"endpoint", "region", "style"}:
        raise ValueError(
            "an address of evidence is s3://bucket/prefix?endpoint=…&region=…, and holds no keys"
        )
    config: S3Config = {
        "region": asked.get("region", "us-east-1"),
        "checksum_algorithm": "SHA256",
        "virtual_hosted_style_request": asked.get("style") == "virtual",
    }
    if "endpoint" in asked:
        config["endpoint"] = asked["endpoint"]
    client: ClientConfig = {
        "timeout": timedelta(seconds=60),
        "connect_timeout": timedelta(seconds=5),
        "allow_http": asked.get("endpoint", "").startswith("http://"),
    }
    store = S3Store(
        parts.netloc,
        prefix=parts.path.strip("/") or None,
        config=config,
        client_options=client,
        retry_config={"max_retries": 4, "retry_timeout": PATIENCE},
    )
    return Bucket(store)
