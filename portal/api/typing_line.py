"""Saving over a connection that stays open: what PATCH …/answers does, without the ceremony of a request each time.

The page asks by request whenever this connection is not there or does not answer; under the same operation id nothing
is done twice.
"""

import inspect
import json
from typing import Annotated, Any

from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.responses import Response
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from portal.api.problems import Refused, invalid, plain, refused
from portal.api.routes import OPERATION, VISITOR, body_of
from portal.api.shield import MAX_BODY
from portal.api.strict import strict
from portal.policy import Actor
from portal.portal import USE_CASES, Portal
from portal.refusal import Refusal
from portal.store.database import Unavailable
from portal.use_cases.filling_in import Filling, save

PATH = "/assessments/{assessment}/subjects/{subject}/typing"
STRANGER = 4401
"""The code a connection is closed with that no session stands behind."""

_ANSWER = TypeAdapter(Filling)
_OWN = {"portal", "actor", "assessment", "subject", "op_id", "origin"}
_Body: Any = body_of(
    USE_CASES["fill.save"],
    [one for name, one in inspect.signature(save).parameters.items() if name not in _OWN],
)


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: Annotated[int, Field(ge=0)]
    op: Annotated[str, Field(pattern=OPERATION)]
    body: _Body


async def converse(line: WebSocket) -> None:
    """Answer one message after the other, each on behalf of whoever the gate found to be asking just now."""
    if VISITOR not in line.scope.get("state", {}):
        await line.close(STRANGER)
        return
    portal: Portal = line.app.state.portal
    await line.accept()
    try:
        while True:
            text = await line.receive_text()
            actor: Actor = line.scope["state"][VISITOR].actor
            where = line.path_params["assessment"], line.path_params["subject"]
            await line.send_text(await run_in_threadpool(answered, portal, actor, *where, text))
    except WebSocketDisconnect:
        return


def answered(portal: Portal, actor: Actor, assessment: str, subject: str, text: str) -> str:
    """Return the reply to one message: its number, a status as over HTTP, and what stood in the body there."""
    number = 0
    try:
        if len(text) > MAX_BODY:
            return _reply(number, plain(413))
        data = strict(text.encode())
        number = data.get("id", 0) if isinstance(data, dict) else 0
        asked: Any = _Asked.model_validate(data)
        done = save(
            portal,
            actor,
            assessment,
            subject,
            **{name: getattr(asked.body, name) for name in type(asked.body).model_fields},
            op_id=asked.op,
        )
    except Refused as error:
        return _reply(number, refused(error.refusal))
    except ValidationError as error:
        return _reply(number, invalid([{**one, "loc": ("body", *one["loc"])} for one in error.errors()]))
    except Unavailable:
        return _reply(number, plain(503))
    if isinstance(done, Refusal):
        return _reply(number, refused(done))
    return _reply(number, Response(_ANSWER.dump_json(done)))


def _reply(number: object, answer: Response) -> str:
    head = json.dumps({"id": number, "status": answer.status_code})
    return f'{head[:-1]}, "body": {bytes(answer.body).decode()}}}'


route = WebSocketRoute(PATH, converse)
