"""The API as an ASGI app: mounted under /api/v1 beside the pages, or served alone."""

from fastapi import FastAPI
from starlette.middleware import Middleware

from portal.api import typing_line
from portal.api.problems import ANSWERS, HANDLERS
from portal.api.routes import router
from portal.api.shield import Shield
from portal.api.streams import streams
from portal.portal import Portal

PREFIX = "/api/v1"

ABOUT = """准绳的接口：学校自己的系统用它报送答案和证据、读取成绩，秘书处用它管理批次。

- 每个请求都要带令牌；令牌能做的，和它的主人在页面上能做的完全一样。
- 每个改动都要带 Idempotency-Key；没有听到回音，就用同一个再发一次，不会做两次。
- 改动要写明依据的版本（base）；别人先改了会答 409，并附两边的内容。
- 出错时答 application/problem+json：哪里、什么不对、下一步做什么。
"""


def create(portal: Portal) -> FastAPI:
    """Return the API of a portal."""
    api = FastAPI(
        title="准绳接口",
        version="1",
        description=ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,  # an address made from what a stranger says of our name
        middleware=[Middleware(Shield)],
        exception_handlers=HANDLERS,
        responses=ANSWERS,
    )
    api.state.portal = portal
    api.include_router(router())
    api.include_router(streams)
    api.router.routes.append(typing_line.route)
    return api
