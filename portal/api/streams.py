"""What goes over HTTP as it is: bytes up, checked as they come, and bytes down, through the permission check."""

import tempfile
from collections.abc import Iterator
from functools import partial
from typing import Annotated, BinaryIO

from fastapi import APIRouter, Path, Query
from fastapi.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from portal.api.problems import Refused
from portal.api.routes import Caller, Held, Id, OpId
from portal.api.sending import sent
from portal.evidence.names import disposition
from portal.evidence.said import Said
from portal.evidence.shelf import Piece
from portal.refusal import Refusal
from portal.use_cases.evidence import open_evidence, open_preview
from portal.use_cases.photos import Photo, add_photo, open_photo
from portal.use_cases.reports import Kind, read_report
from portal.use_cases.scorecards import read_scorecard
from portal.use_cases.uploads import Upload, add_evidence, put_chunk

PIECE = 1 << 20
IN_MEMORY = 4 << 20

streams = APIRouter()

Short = Annotated[str, Query(max_length=200)]
Number = Annotated[int, Path(ge=0, le=99_999)]


@streams.post(
    "/assessments/{assessment}/subjects/{subject}/evidence/{fact}",
    name="evidence.add",
    operation_id="evidence_add",
    summary="Add a file: its bytes are the body.",
    tags=["evidence"],
    openapi_extra={
        "x-use-case": "evidence.add",
        "requestBody": {"content": {"application/octet-stream": {"schema": {"format": "binary"}}}},
    },
)
async def add(
    request: Request,
    held: Held,
    who: Caller,
    op_id: OpId,
    assessment: Id,
    subject: Id,
    fact: Id,
    name: Short,
    title: Short = "",
    dated: Short | None = None,
    valid_until: Short | None = None,
    issuer: Short | None = None,
) -> Piece:
    """Add a file whose bytes are the body."""
    said = Said(title, dated, valid_until, issuer)
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as file:
        async for chunk in request.stream():
            file.write(chunk)
        file.seek(0)
        done = await run_in_threadpool(
            partial(add_evidence, op_id=op_id, said=said),
            held,
            who,
            assessment,
            subject,
            fact,
            name,
            _pieces(file),
        )
    if isinstance(done, Refusal):
        raise Refused(done)
    return done


def _pieces(file: BinaryIO | tempfile.SpooledTemporaryFile[bytes]) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece


@streams.put(
    "/uploads/{upload}/chunks/{number}",
    name="evidence.chunk",
    operation_id="evidence_chunk",
    summary="Bring one part of an upload; the same part may be brought again.",
    tags=["evidence"],
    openapi_extra={
        "x-use-case": "evidence.chunk",
        "requestBody": {"content": {"application/octet-stream": {"schema": {"format": "binary"}}}},
    },
)
async def chunk(request: Request, held: Held, who: Caller, upload: Id, number: Number) -> Upload:
    """Bring one part of an upload."""
    done = await run_in_threadpool(put_chunk, held, who, upload, number, await request.body())
    if isinstance(done, Refusal):
        raise Refused(done)
    return done


@streams.get(
    "/evidence/{piece}",
    name="evidence.open",
    operation_id="evidence_open",
    summary="Fetch a file as it was uploaded.",
    response_class=StreamingResponse,
    tags=["evidence"],
    openapi_extra={"x-use-case": "evidence.open"},
)
def fetch(request: Request, held: Held, who: Caller, piece: Id, *, inline: bool = False) -> Response:
    """Fetch a file as it was uploaded; a PDF may be asked for to be shown in a frame."""
    return sent(request, open_evidence(held, who, piece, inline=inline))


@streams.get(
    "/evidence/{piece}/preview",
    name="evidence.preview",
    operation_id="evidence_preview",
    summary="Fetch what may be shown of a file.",
    response_class=StreamingResponse,
    tags=["evidence"],
    openapi_extra={"x-use-case": "evidence.preview"},
)
def preview(request: Request, held: Held, who: Caller, piece: Id) -> Response:
    """Fetch what may be shown of a file."""
    return sent(request, open_preview(held, who, piece))


@streams.post(
    "/assessments/{assessment}/subjects/{subject}/photos/{fact}",
    name="photo.add",
    operation_id="photo_add",
    summary="Add a photo taken on site: its bytes are the body.",
    tags=["photo"],
    openapi_extra={
        "x-use-case": "photo.add",
        "requestBody": {"content": {"application/octet-stream": {"schema": {"format": "binary"}}}},
    },
)
async def take(
    request: Request, held: Held, who: Caller, op_id: OpId, assessment: Id, subject: Id, fact: Id, name: Short
) -> Photo:
    """Add a photo whose bytes are the body."""
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as file:
        async for chunk in request.stream():
            file.write(chunk)
        file.seek(0)
        done = await run_in_threadpool(
            partial(add_photo, op_id=op_id), held, who, assessment, subject, fact, name, _pieces(file)
        )
    if isinstance(done, Refusal):
        raise Refused(done)
    return done


@streams.get(
    "/photos/{photo}",
    name="photo.open",
    operation_id="photo_open",
    summary="Fetch a photo taken on site, drawn anew; the original is for those who review.",
    response_class=StreamingResponse,
    tags=["photo"],
    openapi_extra={"x-use-case": "photo.open"},
)
def photo(request: Request, held: Held, who: Caller, photo: Id, *, original: bool = False) -> Response:
    """Fetch a photo."""
    return sent(request, open_photo(held, who, photo, original=original))


@streams.get(
    "/scorecards/{scorecard}",
    name="scorecard.read",
    operation_id="scorecard_read",
    summary="Fetch a kept scorecard, to the byte.",
    response_class=Response,
    openapi_extra={"x-use-case": "scorecard.read"},
    tags=["scorecard"],
)
def scorecard(held: Held, who: Caller, scorecard: Id) -> Response:
    """Fetch a kept scorecard, to the byte."""
    found = read_scorecard(held, who, scorecard)
    if isinstance(found, Refusal):
        raise Refused(found)
    return Response(found, media_type="application/json")


@streams.get(
    "/assessments/{assessment}/report.{kind}",
    name="report.read",
    operation_id="report_read",
    summary="Fetch a result as a file: document, document with signature and proof, workbook, or PDF.",
    response_class=Response,
    openapi_extra={"x-use-case": "report.read"},
    tags=["report"],
)
def report(
    held: Held,
    who: Caller,
    assessment: Id,
    kind: Kind,
    subject: Short | None = None,
    layer: Short | None = None,
) -> Response:
    """Fetch a result as a file; of the whole where no subject is named, of the last layer where none is."""
    found = read_report(held, who, assessment, kind, subject=subject, layer=layer)
    if isinstance(found, Refusal):
        raise Refused(found)
    headers = {"Content-Disposition": disposition(found.name, found.kind, plain="report")}
    return Response(found.data, media_type=found.media, headers=headers)
