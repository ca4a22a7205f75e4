"""Coming in and going out: the sign-in, changing the password, single sign-on, and who I am for scripts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar
from urllib.parse import parse_qsl, quote, unquote

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from portal.people.oidc import Client
from portal.people.passwords import SHORTEST
from portal.policy import TITLES
from portal.portal import Portal
from portal.refusal import Refusal
from portal.store.database import Unavailable
from portal.use_cases.sign_in import (
    SignedIn,
    change_password,
    sign_in,
    sign_out,
    sso_begin,
    sso_finish,
    who_am_i,
)
from portal.web import paths
from portal.web.gate import FOREIGN, UNPROVEN, visitor_of
from portal.web.keys import Keys, new_form
from portal.web.paper import out_page, password_page, sign_in_page, stranger_page

LARGEST_FORM = 16 << 10
SIGN_ON_SECONDS = 600
NOTES = {
    "over": "登录已失效，请重新登录。已保存的内容都在。",
    "out": "已退出登录。",
    "changed": "密码已改好。",
}
NO_COOKIES = Refusal(
    "forbidden",
    "form",
    "这一页放得太久，或者浏览器不让本站存 Cookie",
    "请再登录一次；仍不行的，请允许本站存 Cookie",
)
UNEQUAL = Refusal("invalid", "password_again", "两次输入的新密码不一样", "请再输一遍")
LARGE = Refusal("too_large", "form_large", "填的内容太长", "请改短后再试")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Doors:
    """The routes of the sign-in."""

    portal: Portal
    keys: Keys
    client: Client | None = None
    demonstration: bool = False

    @property
    def routes(self) -> list[Route]:
        """The routes, all behind the gate but those that `paths` opens."""
        found = [
            Route(paths.SIGN_IN, self.show, methods=["GET"]),
            Route(paths.SIGN_IN, self.enter, methods=["POST"]),
            Route(paths.PASSWORD, self.show_password, methods=["GET"]),
            Route(paths.PASSWORD, self.change, methods=["POST"]),
            Route(paths.SIGN_OUT, self.show_out, methods=["GET"]),
            Route(paths.SIGN_OUT, self.leave, methods=["POST"]),
            Route(paths.SESSION, self.who, methods=["GET"]),
        ]
        if self.client is not None:
            found += [
                Route(paths.SSO, self.begin, methods=["GET"]),
                Route(paths.SSO_BACK, self.back, methods=["GET"]),
            ]
        return found

    # Signing in -----------------------------------------------------------------------------------------------------

    async def show(self, request: Request) -> Response:
        """Show the sign-in; who is in already goes on."""
        next_ = paths.inside(request.query_params.get("next", ""))
        token = self.keys.session(request.scope)
        if token:
            actor = await asked(partial(who_am_i, self.portal, token))
            if not isinstance(actor, Refusal):
                return see(next_)
        note = next((text for name, text in NOTES.items() if name in request.query_params), "")
        return self._paper(request, next_, note=note)

    async def enter(self, request: Request) -> Response:
        """Sign somebody in who knows the password."""
        given = await fields(request)
        if isinstance(given, Refusal):
            return self._paper(request, paths.HOME, refusal=given)
        next_, login = paths.inside(given.get("next", "")), given.get("login", "")
        if not self.keys.is_ours(request.scope):
            return self._paper(request, next_, refusal=FOREIGN)
        if not self.keys.is_proven(self.keys.read(request.scope, "zs_form"), given.get("proof", "")):
            return self._paper(request, next_, login=login, refusal=NO_COOKIES)
        done = await asked(
            partial(
                sign_in,
                self.portal,
                login,
                given.get("password", ""),
                address_of(request),
                old=self.keys.session(request.scope) or None,
            )
        )
        if isinstance(done, Refusal):
            return self._paper(request, next_, login=login, refusal=done)
        return self._in(request, done, next_)

    def _paper(
        self,
        request: Request,
        next_: str,
        *,
        login: str = "",
        refusal: Refusal | None = None,
        note: str = "",
    ) -> Response:
        form = self.keys.read(request.scope, "zs_form") or new_form()
        sso = f"{paths.SSO}?next={quote(next_, safe='/')}" if self.client is not None else ""
        answer = sign_in_page(
            self.keys.proof(form),
            next_,
            login=login,
            sso=sso,
            refusal=refusal,
            note=note,
            demonstration=self.demonstration,
        )
        self.keys.put(request.scope, answer, "zs_form", form)
        return answer

    def _in(self, request: Request, done: SignedIn, next_: str) -> Response:
        where = f"{paths.PASSWORD}?next={quote(next_, safe='/')}" if done.must_change else next_
        answer = see(where)
        self.keys.admit(request.scope, answer, done.token)
        self.keys.drop(request.scope, answer, "zs_form")
        return answer

    # The password ---------------------------------------------------------------------------------------------------

    async def show_password(self, request: Request) -> Response:
        """Show the page on which one changes the password."""
        return self._password(request, paths.inside(request.query_params.get("next", "")))

    async def change(self, request: Request) -> Response:
        """Change the password; a new session begins."""
        given = await fields(request)
        if isinstance(given, Refusal):
            return self._password(request, paths.HOME, given)
        visitor, next_ = visitor_of(request.scope), paths.inside(given.get("next", ""))
        assert visitor is not None
        if not self.keys.is_proven(visitor.token, given.get("proof", "")):
            return self._password(request, next_, UNPROVEN)
        if given.get("new", "") != given.get("again", ""):
            return self._password(request, next_, UNEQUAL)
        done = await asked(
            partial(
                change_password,
                self.portal,
                visitor.token,
                given.get("current", ""),
                given.get("new", ""),
                address_of(request),
            )
        )
        if isinstance(done, Refusal):
            return (
                see(f"{paths.SIGN_IN}?over")
                if done.kind == "signed_out"
                else self._password(request, next_, done)
            )
        return self._in(request, done, next_)

    def _password(self, request: Request, next_: str, refusal: Refusal | None = None) -> Response:
        visitor = visitor_of(request.scope)
        assert visitor is not None
        return password_page(
            self.keys.proof(visitor.token),
            next_,
            first=visitor.actor.must_change,
            least=SHORTEST,
            refusal=refusal,
            demonstration=self.demonstration,
        )

    # Going out ------------------------------------------------------------------------------------------------------

    async def show_out(self, request: Request) -> Response:
        """Ask whether to sign out."""
        visitor = visitor_of(request.scope)
        assert visitor is not None
        return out_page(self.keys.proof(visitor.token))

    async def leave(self, request: Request) -> Response:
        """Sign out: the session ends on the server, wherever its cookie may be."""
        given, visitor = await fields(request), visitor_of(request.scope)
        assert visitor is not None
        if isinstance(given, Refusal) or not self.keys.is_proven(visitor.token, given.get("proof", "")):
            return see(paths.SIGN_OUT)
        await asked(partial(sign_out, self.portal, visitor.token))
        answer = see(f"{paths.SIGN_IN}?out")
        self.keys.dismiss(request.scope, answer)
        return answer

    async def who(self, request: Request) -> Response:
        """Say who is signed in, and the proof that changes need, to the scripts of our pages."""
        visitor = visitor_of(request.scope)
        assert visitor is not None
        actor = visitor.actor
        body = {
            "account": actor.id,
            "name": actor.name,
            "roles": list(dict.fromkeys(TITLES[one.role] for one in actor.members)),
            "must_change": actor.must_change,
            "proof": self.keys.proof(visitor.token),
        }
        return JSONResponse(body, headers={"cache-control": "no-store"})

    # Single sign-on -------------------------------------------------------------------------------------------------

    async def begin(self, request: Request) -> Response:
        """Send the browser to the one who vouches for people."""
        assert self.client is not None
        next_ = paths.inside(request.query_params.get("next", ""))
        begun = await asked(partial(sso_begin, self.portal, self.client))
        if isinstance(begun, Refusal):
            return self._paper(request, next_, refusal=begun)
        answer = RedirectResponse(begun.url, 303, headers={"cache-control": "no-store"})
        kept = f"{begun.browser}|{quote(next_, safe='')}"
        self.keys.put(request.scope, answer, "zs_sso", kept, seconds=SIGN_ON_SECONDS)
        return answer

    async def back(self, request: Request) -> Response:
        """Take in who comes back from there."""
        assert self.client is not None
        browser, _, wanted = self.keys.read(request.scope, "zs_sso").partition("|")
        next_ = paths.inside(unquote(wanted))
        done = await asked(
            partial(
                sso_finish,
                self.portal,
                self.client,
                dict(request.query_params),
                browser,
                address_of(request),
                old=self.keys.session(request.scope) or None,
            )
        )
        if isinstance(done, Refusal):
            answer = (
                stranger_page(done)
                if done.code == "sso_unknown"
                else self._paper(request, next_, refusal=done)
            )
        else:
            answer = self._in(request, done, next_)
        self.keys.drop(request.scope, answer, "zs_sso")
        return answer


async def asked(question: Callable[[], T | Refusal]) -> T | Refusal:
    """Ask a use case, beside the loop; while the store is away that is a refusal like any other."""
    try:
        return await to_thread.run_sync(question)
    except Unavailable as away:
        return replace(away.refusal, kind="busy")


async def fields(request: Request) -> Mapping[str, str] | Refusal:
    """Return what a form brings; more than a form can hold is refused unread."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_FORM:
            return LARGE
    try:
        pairs: list[tuple[str, str]] = parse_qsl(
            body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20
        )
    except ValueError:
        return LARGE
    return dict(pairs)


def address_of(request: Request) -> str:
    """Return where a request comes from, as the server and a trusted proxy know it."""
    client: Any = request.scope.get("client")
    return str(client[0]) if client else ""


def see(where: str) -> Response:
    """Send the browser on with GET."""
    return RedirectResponse(
        where, 303, headers={"cache-control": "no-store", "referrer-policy": "same-origin"}
    )
