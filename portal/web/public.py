"""What anybody sees without signing in: what was published, with its proof, and whether a report is genuine."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from portal.portal import Portal
from portal.refusal import MISSING, Refusal
from portal.report import LARGE
from portal.report_worker import MOST
from portal.use_cases.publicity import check_report, index_publications, read_publication
from portal.use_cases.trails import Head, Proof, newest_checkpoint, prove_publication
from portal.web import paths
from portal.web.doors import asked
from portal.web.public_pages import index_page, results_page, verify_page

LARGEST = MOST + (64 << 10)
"""Bytes of what is brought to be verified: a report, its signature and its proof."""

SMALL = 128 << 10
"""Bytes of a signature or a proof."""

BROKEN = Refusal("invalid", "form", "没有收到完整的内容", "请重新选择文件，再试一次")

PARTS = {
    "document": ("document", "application/json", ""),
    "signature": ("signature", "text/plain; charset=utf-8", ".minisig"),
    "proof": ("proof", "application/json", ".proof.json"),
}
"""What can be taken away of a publication: of the use case's answer which text, its type, and its ending."""


@dataclass(frozen=True, slots=True)
class Windows:
    """The routes for anybody."""

    portal: Portal
    demonstration: bool = False

    @property
    def routes(self) -> list[Route]:
        """The routes; `paths` opens each of them."""
        return [
            Route(paths.PUBLICITY, self.index, methods=["GET"]),
            Route(f"{paths.PUBLICITY}/key", self.key, methods=["GET"]),
            Route(f"{paths.PUBLICITY}/checkpoint", self.checkpoint, methods=["GET"]),
            Route(f"{paths.PUBLICITY}/{{publication}}", self.results, methods=["GET"]),
            Route(f"{paths.PUBLICITY}/{{publication}}/{{part}}", self.part, methods=["GET"]),
            Route(f"{paths.PUBLICITY}/{{rest:path}}", self.nothing),  # below it nobody else answers
            Route(paths.VERIFY, self.show_verify, methods=["GET"]),
            Route(paths.VERIFY, self.verify, methods=["POST"]),
        ]

    # What was published -------------------------------------------------------------------------------------------

    async def index(self, _request: Request) -> Response:
        """List what is and was public."""
        found = await asked(partial(index_publications, self.portal))
        return index_page(found, demonstration=self.demonstration)

    async def results(self, request: Request) -> Response:
        """Show one publication, or those of its universities that somebody looks for."""
        found = await asked(partial(read_publication, self.portal, request.path_params["publication"]))
        wanted = request.query_params.get("q", "").strip()[:60]
        return results_page(found, wanted, demonstration=self.demonstration)

    async def part(self, request: Request) -> Response:
        """Send the document of a publication, its signature or its proof, as a file."""
        wanted = PARTS.get(request.path_params["part"])
        found = (
            await asked(partial(prove_publication, self.portal, request.path_params["publication"]))
            if wanted
            else MISSING
        )
        if isinstance(found, Refusal) or wanted is None:
            return results_page(found if isinstance(found, Refusal) else MISSING)
        name, kind, ending = wanted
        text = _part(found, name)
        return sent(text, f"{found.name}{ending}", kind) if text is not None else results_page(MISSING)

    async def nothing(self, _request: Request) -> Response:
        """Say that there is nothing at an address."""
        return results_page(MISSING)

    async def key(self, _request: Request) -> Response:
        """Send the public key that everything is checked with."""
        found = await asked(partial(newest_checkpoint, self.portal))
        text = found.key if isinstance(found, Head) else None
        return sent(text, "signing.pub", "text/plain; charset=utf-8") if text else results_page(MISSING)

    async def checkpoint(self, _request: Request) -> Response:
        """Send the newest checkpoint, to be kept elsewhere."""
        found = await asked(partial(newest_checkpoint, self.portal))
        if isinstance(found, Refusal):
            return results_page(found)
        return sent(found.checkpoint, "checkpoint.txt", "text/plain; charset=utf-8")

    # Whether a report is genuine ----------------------------------------------------------------------------------

    async def show_verify(self, _request: Request) -> Response:
        """Show where a report is put in."""
        return verify_page(demonstration=self.demonstration)

    async def verify(self, request: Request) -> Response:
        """Check what was put in; nothing of it is kept, neither in the store nor in a file."""
        given = await brought(request)
        if isinstance(given, Refusal):
            return verify_page(given, demonstration=self.demonstration)
        text, signature, proof = given
        found = await asked(partial(check_report, self.portal, text, signature, proof))
        return verify_page(found, demonstration=self.demonstration)


def _part(found: Proof, name: str) -> str | None:
    text: str | None = getattr(found, name)
    return text


def sent(text: str, name: str, kind: str) -> Response:
    """Send a text as a file to be saved."""
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "content-security-policy": "default-src 'none'; sandbox",
        "x-content-type-options": "nosniff",
        "cache-control": "no-cache",
    }
    return Response(text.encode(), 200, headers, kind)


async def brought(request: Request) -> tuple[bytes, str, str] | Refusal:
    """Return the report, the signature and the proof that a form brings. They stay in memory; too much is refused."""
    pieces, size = list[bytes](), 0
    try:
        async for piece in request.stream():
            size += len(piece)
            if size > LARGEST:
                return LARGE
            pieces.append(piece)
        form = await _form(request.headers, b"".join(pieces))
    except (MultiPartException, ClientDisconnect, ValueError):
        return BROKEN
    signature, proof = (form.get(name, b"") for name in ("signature", "proof"))
    if max(len(signature), len(proof)) > SMALL:
        return LARGE
    return form.get("file") or form.get("text", b""), _text(signature), _text(proof)


def _text(given: bytes) -> str:
    return given.decode("utf-8", "surrogateescape")


async def _form(headers: Headers, body: bytes) -> dict[str, bytes]:
    """Take the fields of a form apart."""

    async def whole() -> AsyncGenerator[bytes, None]:
        yield body

    if not headers.get("content-type", "").startswith("multipart/form-data"):
        return {}
    parser = MultiPartParser(headers, whole(), max_files=3, max_fields=3, max_part_size=LARGEST)
    parser.spool_max_size = LARGEST  # what a stranger brings never becomes a file here
    read = await parser.parse()
    found = dict[str, bytes]()
    for name, value in read.multi_items():
        found[name] = (
            await value.read() if isinstance(value, UploadFile) else value.encode("utf-8", "replace")
        )
    await read.close()
    return found
