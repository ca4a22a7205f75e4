"""Filling in over a connection that stays open: saving, looking what others did, the score, without a request each time.

The page asks by request whenever this connection is not there or does not answer; under the same operation id nothing
is done twice.
"""

import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Literal, get_args

from anyio import CapacityLimiter, to_thread
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, create_model
from starlette.datastructures import State
from starlette.responses import Response
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from portal.api.problems import Refused, invalid, plain, refused
from portal.api.routes import ASKS_ITSELF, OPERATION, VISITOR, answer_of, body_of
from portal.api.shield import MAX_BODY
from portal.api.strict import strict
from portal.policy import Actor
from portal.portal import USE_CASES, Portal
from portal.refusal import Refusal
from portal.store.database import Unavailable
from portal.use_cases import register_all

PATH = "/assessments/{assessment}/subjects/{subject}/typing"
STRANGER = 4401
"""The code a connection is closed with that no session stands behind."""

AT_ONCE = {"sqlite": 1, "postgresql": 4}
"""Messages that are worked on at once, by store. One in a file is hardly waited for, and two threads that compute take
the interpreter from each other at more cost than there is to gain: with 300 people, four times the wait.
"""

register_all()

_Use = Literal["fill.save", "fill.pulse", "fill.score"]


class _Head(BaseModel):
    """What every message begins with: its number, and the use case it asks for."""

    id: Annotated[int, Field(ge=0)]
    do: _Use


class _Message(_Head):
    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class _Call:
    run: Callable[..., Any]
    message: type[BaseModel]
    answer: TypeAdapter[Any]

    def answered(self, portal: Portal, actor: Actor, where: tuple[str, str], data: Any) -> Response | Refusal:
        """Do what a message asks for. Raises `ValidationError` for what is no such message."""
        asked: Any = self.message.model_validate(data)
        given = {name: getattr(asked.body, name) for name in type(asked.body).model_fields}
        given |= {"op_id": asked.op} if "op" in self.message.model_fields else {}
        done = self.run(portal, actor, *where, **given)
        return done if isinstance(done, Refusal) else Response(self.answer.dump_json(done))


def _call(name: str) -> _Call:
    """Return how a use case is asked for: its parameters are the body, its operation id stands beside."""
    case = USE_CASES[name]
    parameters = inspect.signature(case.run).parameters
    own = {"portal", "actor", "assessment", "subject", "op_id", "origin"}
    fields: dict[str, Any] = {
        "body": (body_of(case, [one for key, one in parameters.items() if key not in own]), ...)
    }
    if "op_id" in parameters:
        fields["op"] = (Annotated[str, Field(pattern=OPERATION)], ...)
    return _Call(case.run, create_model("Message", __base__=_Message, **fields), TypeAdapter(answer_of(case)))


_CALLS = {one: _call(one) for one in get_args(_Use)}


async def converse(line: WebSocket) -> None:
    """Answer one message after the other, each on behalf of whoever is found to be asking just then."""
    state = line.scope.get("state", {})
    if VISITOR not in state:
        await line.close(STRANGER)
        return
    state[ASKS_ITSELF] = True
    where = line.path_params["assessment"], line.path_params["subject"]
    work = partial(answered, line.app.state.portal, state[VISITOR].again, where)
    workers = _workers(line.app.state)
    await line.accept()
    try:
        while True:
            text = await line.receive_text()
            reply = await to_thread.run_sync(work, text, limiter=workers)
            if reply is None:
                await line.close(STRANGER)
                return
            await line.send_text(reply)
    except WebSocketDisconnect:
        return


def _workers(api: State) -> CapacityLimiter:
    """Return who works on the messages of all connections."""
    if not hasattr(api, "workers"):
        api.workers = CapacityLimiter(AT_ONCE[api.portal.database.kind])
    found: CapacityLimiter = api.workers
    return found


def answered(
    portal: Portal, asking: Callable[[], Actor | None], where: tuple[str, str], text: str
) -> str | None:
    """Return the reply to one message: its number, a status as over HTTP, and what stood in the body there.

    None when nobody stands behind the connection any more.
    """
    number = 0
    try:
        if len(text) > MAX_BODY:
            return _reply(number, plain(413))
        data = strict(text.encode())
        number = data.get("id", 0) if isinstance(data, dict) else 0
        actor = asking()
        if actor is None:
            return None
        done = _CALLS[_Head.model_validate(data).do].answered(portal, actor, where, data)
    except Refused as error:
        return _reply(number, refused(error.refusal))
    except ValidationError as error:
        return _reply(number, invalid([{**one, "loc": ("body", *one["loc"])} for one in error.errors()]))
    except Unavailable:
        return _reply(number, plain(503))
    if isinstance(done, Refusal):
        return _reply(number, refused(done))
    return _reply(number, done)


def _reply(number: object, answer: Response) -> str:
    head = json.dumps({"id": number, "status": answer.status_code})
    return f'{head[:-1]}, "body": {bytes(answer.body).decode()}}}'


route = WebSocketRoute(PATH, converse)
