"""Routes made from the table: the parameters of a use case become path, query and body, its answer the reply."""

import inspect
import re
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, Union, get_args, get_origin

from fastapi import APIRouter, Body, Depends, Header, Path, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, TypeAdapter, create_model
from starlette.requests import Request
from starlette.responses import Response

from portal.api.problems import Refused
from portal.api.strict import StrictRoute
from portal.api.table import CALLS, Call
from portal.policy import Actor
from portal.portal import USE_CASES, Portal, UseCase
from portal.refusal import Refusal
from portal.use_cases import register_all
from portal.use_cases.sign_in import who_calls

TOKEN = HTTPBearer(auto_error=False, bearerFormat="token", description="令牌，在“我的账号”里新建")

NO_TOKEN = Refusal(
    "signed_out",
    "token",
    "没有带令牌，或者令牌写得不对",
    "请在请求头写 Authorization: Bearer 令牌；令牌在“我的账号”里新建",
)

VISITOR = "visitor"
"""Under this name the state of a request holds who is asking, where a gate stands before the API."""

ASKS_ITSELF = "asks_itself"
"""Under this name the state of a connection says that whoever answers its messages asks for each who it is from."""

OPERATION = r"^[A-Za-z0-9_.:-]{1,64}$"
"""What the id of an operation is made of."""

Id = Annotated[str, Path(min_length=1, max_length=120, pattern=r"^[\w.:@-]+$")]
OpId = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=OPERATION,
        description="每次操作换一个；没有听到回音就用同一个再发，不会做两次",
    ),
]

_SCALARS: dict[Any, Any] = {
    int: Annotated[StrictInt, Field(ge=0, le=2**31 - 1)],
    bool: StrictBool,
    str: Annotated[str, Field(max_length=20_000)],
}


async def portal_of(request: Request) -> Portal:
    """Return the portal that serves a request."""
    found: Portal = request.app.state.portal
    return found


async def caller(
    request: Request,
    held: Annotated[Portal, Depends(portal_of)],
    token: Annotated[HTTPAuthorizationCredentials | None, Depends(TOKEN)],
) -> Actor:
    """Return on whose behalf a request comes, asked anew for each. Raises `Refused`.

    Behind the gate of the pages that has been asked already, for this very request, by token or by session.
    """
    visitor = getattr(request.state, VISITOR, None)
    if visitor is not None:
        found_out: Actor = visitor.actor
        return found_out
    if token is None:
        raise Refused(NO_TOKEN)
    found = await run_in_threadpool(who_calls, held, token.credentials)
    if isinstance(found, Refusal):
        raise Refused(found)
    return found


Held = Annotated[Portal, Depends(portal_of)]
Caller = Annotated[Actor, Depends(caller)]


def router() -> APIRouter:
    """Return the routes of the table."""
    register_all()
    made = APIRouter(route_class=StrictRoute)
    for call in CALLS:
        add(made, call)
    return made


def add(made: APIRouter, call: Call) -> None:
    """Add the route of a call."""
    case = USE_CASES[call.use_case]
    answer = answer_of(case)
    made.add_api_route(
        call.path,
        _endpoint(case, call, TypeAdapter(answer)),
        methods=[call.method],
        name=case.name,
        operation_id=case.name.replace(".", "_"),
        summary=(inspect.getdoc(case.run) or "").split("\n", maxsplit=1)[0],
        response_model=answer,
        tags=[case.name.partition(".")[0]],
        openapi_extra={"x-use-case": case.name, "x-permission": case.action},
    )


def _endpoint(case: UseCase, call: Call, answer: TypeAdapter[Any]) -> Callable[..., Any]:
    """Return the function of a route, with the signature that the framework reads its input from.

    Asking and writing the answer down are one trip to a thread: each trip costs more than what is done there.
    """
    parameters = inspect.signature(case.run).parameters
    in_path = set(re.findall(r"{(\w+)}", call.path))
    own = [one for name, one in parameters.items() if name not in {"portal", "actor", "op_id", *call.fixed}]
    rest = [one for one in own if one.name not in in_path]
    signature = [_keyword("held", Held)]
    if "actor" in parameters:
        signature.append(_keyword("who", Caller))
    if "op_id" in parameters:
        signature.append(_keyword("op_id", OpId))
    signature += [_keyword(one.name, Id) for one in own if one.name in in_path]
    in_body = bool(rest) and call.method != "GET"
    if in_body:
        signature.append(_keyword("body", _in_body(body_of(case, rest), rest)))
    else:
        signature += [_query(one) for one in rest]

    def answered(held: Portal, who: Actor | None, body: BaseModel | None, given: Mapping[str, Any]) -> bytes:
        sent = {name: getattr(body, name) for name in type(body).model_fields} if body is not None else {}
        actor = {"actor": who} if "actor" in parameters else {}
        done = case.run(held, **actor, **given, **sent, **call.fixed)
        if isinstance(done, Refusal):
            raise Refused(done)
        return answer.dump_json(done)

    async def endpoint(
        held: Portal, who: Actor | None = None, body: BaseModel | None = None, **given: Any
    ) -> Response:
        text = await run_in_threadpool(answered, held, who, body, given)
        return Response(text, media_type="application/json")

    endpoint.__signature__ = inspect.Signature(signature)  # type: ignore[attr-defined]
    return endpoint


def _keyword(name: str, annotation: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)


def _query(one: inspect.Parameter) -> inspect.Parameter:
    given = _given(one.annotation)
    wide = Annotated[given, Query(max_length=200)] if given != one.annotation and _is_list(given) else given
    loose = {StrictBool: bool, _SCALARS[int]: Annotated[int, Query(ge=0, le=2**31 - 1)]}.get(wide, wide)
    return _keyword(one.name, Annotated[loose, Query()], one.default)


def _is_list(annotation: Any) -> bool:
    return any(get_origin(one) is list for one in (annotation, *get_args(annotation)))


def body_of(case: UseCase, rest: Iterable[inspect.Parameter]) -> type[BaseModel]:
    """Return the model of a body: these parameters of a use case, no more and no less."""
    fields: dict[str, Any] = {
        one.name: (_given(one.annotation), ... if one.default is one.empty else one.default) for one in rest
    }
    name = "".join(part.title() for part in re.split(r"[._]", case.name))
    made: type[BaseModel] = create_model(name, __config__=ConfigDict(extra="forbid"), **fields)
    return made


def _in_body(model: type[BaseModel], rest: Iterable[inspect.Parameter]) -> Any:
    needed = any(one.default is one.empty for one in rest)
    return Annotated[model, Body()] if needed else Annotated[model, Body(default_factory=model)]


def _given(annotation: Any) -> Any:
    """Return the type of a parameter as it comes in: bounded, never converted, sequences as lists."""
    if annotation in _SCALARS:
        return _SCALARS[annotation]
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return Union[tuple(_given(one) for one in parts)]  # noqa: UP007  built, not written
    if origin in (Sequence, Iterable, list):
        return Annotated[list[_given(parts[0])], Field(max_length=2_000)]  # type: ignore[misc]
    if origin is Mapping:
        return dict[_given(parts[0]), _given(parts[1])]  # type: ignore[misc]
    if origin is tuple:
        return Annotated[tuple[tuple(one if one is ... else _given(one) for one in parts)], Field()]  # type: ignore[misc]
    return annotation


def answer_of(case: UseCase) -> Any:
    """Return the type of the answer, without the refusals."""
    found = inspect.signature(case.run).return_annotation
    kept = [one for one in get_args(found) if one is not Refusal]
    if get_origin(found) not in (Union, types.UnionType):
        return found
    return Union[tuple(kept)]  # noqa: UP007  built, not written
