"""Single sign-on with OpenID Connect: the code flow with PKCE, a state and a nonce, and a token that is not believed.

Nothing here touches the store. Everything that could be wrong with what the provider says raises `Untrusted`; that it
cannot be reached raises `NoProvider`. Who may come in is decided elsewhere: an identity is only an issuer and a subject.
"""

import hashlib
import hmac
import json
import secrets
import threading
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from portal.moment import Clock, now

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
"""Signatures with a public key only: with `none` or a shared secret anybody could sign."""
CHECKED = ("iss", "sub", "aud", "exp", "iat", "nonce")
LEEWAY = timedelta(seconds=60)
OLDEST = timedelta(minutes=10)
KEPT = timedelta(hours=1)
KEYS_AGAIN = timedelta(seconds=60)
LARGEST = 1 << 20
HERE = {"localhost", "127.0.0.1", "::1"}


class Untrusted(Exception):
    """What the provider or the browser brought is not to be believed; the text says why, for the log."""


class NoProvider(Exception):
    """The provider cannot be reached or does not speak as it should."""


@dataclass(frozen=True, slots=True)
class Provider:
    """Who vouches for people, and how this portal is known there."""

    issuer: str
    client_id: str
    redirect_uri: str
    client_secret: str = field(default="", repr=False)
    title: str = "统一身份认证"
    scope: str = "openid profile"


@dataclass(frozen=True, slots=True)
class Start:
    """What a sign-on begins with: where to send the browser, and what to remember until it comes back."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody, as a provider knows them: the pair of issuer and subject, and nothing that could be given anew."""

    issuer: str
    subject: str
    name: str = ""


class Client:
    """This portal as a client of one provider. Safe to share between threads."""

    def __init__(self, provider: Provider, http: httpx.Client | None = None, clock: Clock = now) -> None:
        self.provider, self.clock = provider, clock
        self.http = http or httpx.Client(timeout=10, follow_redirects=False)
        self._lock = threading.Lock()
        self._said: tuple[datetime, Mapping[str, Any]] | None = None
        self._keys: tuple[datetime, KeySet] | None = None
        _safe(provider.issuer)

    def begin(self) -> Start:
        """Begin a sign-on with new secrets."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self.provider.client_id,
            "redirect_uri": self.provider.redirect_uri,
            "scope": self.provider.scope,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        address = self._endpoint("authorization_endpoint")
        return Start(f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}", state, nonce, verifier)

    def finish(self, code: str, verifier: str, nonce: str) -> Identity:
        """Exchange a code for a token and say whose it is."""
        return self.identity(self._redeem(code, verifier), nonce)

    def identity(self, token: str, nonce: str) -> Identity:
        """Check an ID token and say whose it is."""
        if len(token) > LARGEST // 16:
            raise Untrusted("the token is too long")
        claims = self._signed(token)
        missing = [name for name in CHECKED if not claims.get(name)]
        if missing:
            raise Untrusted(f"the token lacks {', '.join(missing)}")
        if claims["iss"] != self.provider.issuer:
            raise Untrusted("the token is of another issuer")
        self._check_audience(claims)
        self._check_times(claims)
        if not isinstance(claims["nonce"], str) or not _same(claims["nonce"], nonce):
            raise Untrusted("the token answers another request")
        subject, name = claims["sub"], claims.get("name")
        if not isinstance(subject, str) or not 0 < len(subject) <= 255 or not subject.isprintable():
            raise Untrusted("the subject is no text of at most 255 letters")
        return Identity(self.provider.issuer, subject, name[:200] if isinstance(name, str) else "")

    def check_issuer(self, said: str | None) -> None:
        """Refuse an answer that names another provider than the one that was asked."""
        if said is not None and said != self.provider.issuer:
            raise Untrusted("the answer comes from another provider")

    def _check_audience(self, claims: Mapping[str, Any]) -> None:
        audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        if self.provider.client_id not in audience:
            raise Untrusted("the token is for somebody else")
        party = claims.get("azp")
        if (len(audience) > 1 or party is not None) and party != self.provider.client_id:
            raise Untrusted("the token was issued to somebody else")

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        at = self.clock().timestamp()
        times = [claims[name] for name in ("exp", "iat", "nbf") if name in claims]
        if any(isinstance(one, bool) or not isinstance(one, int | float) for one in times):
            raise Untrusted("a time is no number")
        slack = LEEWAY.total_seconds()
        if claims["exp"] + slack <= at:
            raise Untrusted("the token is over")
        if claims["iat"] - slack > at or claims.get("nbf", 0) - slack > at:
            raise Untrusted("the token is of the future")
        if claims["iat"] + OLDEST.total_seconds() < at:
            raise Untrusted("the token was issued long ago")

    def _signed(self, token: str) -> Mapping[str, Any]:
        for attempt in (1, 2):
            try:
                return jwt.decode(token, self._keyset(), algorithms=list(ALGORITHMS)).claims
            except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
                # A key that is not known may be a new one: ask once more, but not at everybody's bidding
                if attempt == 2 or not self._forget_keys():
                    raise Untrusted(f"the signature: {type(error).__name__}") from error
        raise AssertionError

    def _redeem(self, code: str, verifier: str) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.provider.redirect_uri,
            "code_verifier": verifier,
            "client_id": self.provider.client_id,
        }
        if self.provider.client_secret:
            form["client_secret"] = self.provider.client_secret
        answer = self._ask("POST", self._endpoint("token_endpoint"), form)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise Untrusted("the provider gave no ID token")
        return token

    def _endpoint(self, name: str) -> str:
        address = self._discovery().get(name)
        if not isinstance(address, str):
            raise NoProvider(f"the provider names no {name}")
        return _safe(address)

    def _discovery(self) -> Mapping[str, Any]:
        with self._lock:
            at = self.clock()
            if self._said is not None and self._said[0] + KEPT > at:
                return self._said[1]
            said = self._ask("GET", f"{self.provider.issuer.rstrip('/')}/.well-known/openid-configuration")
            if said.get("issuer") != self.provider.issuer:
                raise Untrusted("the provider describes another issuer")
            self._said = (at, said)
            return said

    def _keyset(self) -> KeySet:
        address = self._endpoint("jwks_uri")
        with self._lock:
            at = self.clock()
            if self._keys is not None and self._keys[0] + KEPT > at:
                return self._keys[1]
            said = self._ask("GET", address)
            keys = said.get("keys")
            signing = [
                one
                for one in (keys if isinstance(keys, list) else [])
                if isinstance(one, dict) and one.get("kty") != "oct" and one.get("use", "sig") == "sig"
            ]
            try:
                found = KeySet.import_key_set({"keys": signing})
            except (JoseError, ValueError, TypeError, KeyError) as error:
                raise NoProvider("the provider's keys cannot be read") from error
            self._keys = (at, found)
            return found

    def _forget_keys(self) -> bool:
        with self._lock:
            if self._keys is None or self._keys[0] + KEYS_AGAIN > self.clock():
                return False
            self._keys = None
            return True

    def _ask(self, method: str, address: str, form: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        try:
            with self.http.stream(
                method, address, data=form, headers={"accept": "application/json"}
            ) as answer:
                content = b""
                for piece in answer.iter_bytes():
                    content += piece
                    if len(content) > LARGEST:
                        raise NoProvider("the provider's answer is too long")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NoProvider(type(error).__name__) from error
        if method == "POST" and 400 <= answer.status_code < 500:
            raise Untrusted(f"the provider refused the code: {answer.status_code}")
        if answer.status_code != 200:
            raise NoProvider(f"the provider answered {answer.status_code}")
        try:
            said = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise NoProvider("the provider's answer is no JSON") from error
        if not isinstance(said, dict):
            raise NoProvider("the provider's answer is no object")
        return said


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))


def _safe(address: str) -> str:
    """Return an address if it is encrypted or on this machine."""
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in HERE):
        raise NoProvider("the provider's addresses must begin with https://")
    return address
