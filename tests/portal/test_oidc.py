"""Single sign-on: a provider that behaves, many that do not, and nobody who comes in without an account."""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from people_world import HERE, Clock, code, lines, op, role, world
from sqlalchemy import select

from portal.people import oidc
from portal.people.actors import OPERATOR
from portal.people.oidc import Client, Identity, NoProvider, Provider, Untrusted
from portal.refusal import Refusal
from portal.store.tables import accounts, sign_ons
from portal.use_cases.accounts import create_account, disable_account, sso_begin, sso_finish, who_am_i

ISSUER = "https://id.example.edu.cn/realm"
PROVIDER = Provider(ISSUER, "zhunsheng", "https://portal.example.org/sso", "s3cret")
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
STRANGE = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
CURVE = ECKey.generate_key("P-256", {"kid": "curve", "use": "sig"})


class Fake:
    """A provider, in this process: it remembers what was asked, and says what it is told to say."""

    def __init__(self, clock):
        self.clock, self.keys, self.codes, self.asked = clock, [KEY], {}, []
        self.subject, self.change, self.key, self.header = (
            "teacher-7",
            {},
            KEY,
            {"alg": "RS256", "kid": "one"},
        )
        self.said = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/auth",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
        }

    def __call__(self, request):
        path = request.url.path
        self.asked.append(path.rsplit("/", 1)[-1])
        if path.endswith("/openid-configuration"):
            return httpx.Response(200, json=self.said)
        if path.endswith("/keys"):
            return httpx.Response(200, json={"keys": [one.as_dict(private=False) for one in self.keys]})
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        begun = self.codes.pop(form.get("code", ""), None)
        if begun is None or form.get("client_secret") != PROVIDER.client_secret:
            return httpx.Response(400, json={"error": "invalid_grant"})
        proof = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if proof != begun["code_challenge"] or form["redirect_uri"] != begun["redirect_uri"]:
            return httpx.Response(400, json={"error": "invalid_grant"})
        return httpx.Response(200, json={"id_token": self.token(begun["nonce"]), "access_token": "x"})

    def visit(self, url):
        """Do what a person does there: sign in, and be sent back with a code."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        given = f"code-{len(self.asked)}-{asked['state']}"
        self.codes[given] = asked
        return {"code": given, "state": asked["state"], "iss": ISSUER}

    def token(self, nonce):
        at = int(self.clock().timestamp())
        claims = {
            "iss": ISSUER,
            "aud": PROVIDER.client_id,
            "sub": self.subject,
            "nonce": nonce,
            "iat": at,
            "exp": at + 300,
            "name": "李老师",
            **self.change,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(self.header, claims, self.key, algorithms=[self.header["alg"]])


def client_of(fake):
    return Client(PROVIDER, httpx.Client(transport=httpx.MockTransport(fake)), fake.clock)


@pytest.fixture
def fake():
    return Fake(Clock())


@pytest.fixture
def client(fake):
    return client_of(fake)


# ------------------------------------------------------------------------------------------------- tokens


def test_a_good_token_says_who_it_is(fake, client):
    """ASVS 10.5.2: by issuer and subject."""
    assert client.identity(fake.token("n"), "n") == Identity(ISSUER, "teacher-7", "李老师")
    fake.change = {"aud": ["somebody", PROVIDER.client_id], "azp": PROVIDER.client_id}
    assert client.identity(fake.token("n"), "n").subject == "teacher-7"


def signed(fake, **claims):
    fake.change = claims
    return fake.token("n")


def at(fake, **delta):
    return int((fake.clock() + timedelta(**delta)).timestamp())


def part(data):
    return urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=").decode()


def claims_of(token):
    middle = token.split(".")[1]
    return json.loads(urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))


def unsigned(fake):
    return f"{part({'alg': 'none'})}.{part(claims_of(fake.token('n')))}."


def signed_with_the_public_key(fake):
    said = f"{part({'alg': 'HS256', 'kid': 'one'})}.{part(claims_of(fake.token('n')))}"
    mac = hmac.digest(KEY.as_pem(private=False), said.encode(), "sha256")
    return f"{said}.{urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def of_somebody_else(fake):
    fake.key = STRANGE
    return fake.token("n")


def with_its_own_key(fake):
    fake.key, fake.header = STRANGE, {"alg": "RS256", "jwk": STRANGE.as_dict(private=False)}
    return fake.token("n")


def altered(fake):
    head, _, signature = fake.token("n").split(".")
    return f"{head}.{part({**claims_of(fake.token('n')), 'sub': 'headmaster'})}.{signature}"


BAD = {
    "10.5.1 another request's nonce": lambda fake: fake.token("m"),
    "10.5.1 no nonce": lambda fake: signed(fake, nonce=None),
    "10.5.1 a nonce that is no text": lambda fake: signed(fake, nonce=["n"]),
    "10.5.3 another issuer": lambda fake: signed(fake, iss="https://evil.example.org"),
    "10.5.3 the issuer with a slash": lambda fake: signed(fake, iss=ISSUER + "/"),
    "10.5.4 for somebody else": lambda fake: signed(fake, aud="another"),
    "10.5.4 for many, issued to another": lambda fake: signed(
        fake, aud=["another", "zhunsheng"], azp="another"
    ),
    "10.5.4 for many, issued to nobody": lambda fake: signed(fake, aud=["another", "zhunsheng"]),
    "10.5.4 for a part of the name": lambda fake: signed(fake, aud="zhunsheng-test"),
    "9.1.1 altered": altered,
    "9.1.1 signed by somebody else": of_somebody_else,
    "9.1.1 half a signature": lambda fake: fake.token("n")[:-20],
    "9.1.1 no token at all": lambda _fake: "nonsense",
    "9.1.1 far too long": lambda fake: fake.token("n") * 200,
    "9.1.2 not signed": unsigned,
    "9.1.2 signed with the public key as a secret": signed_with_the_public_key,
    "9.1.3 brings its own key": with_its_own_key,
    "9.2.1 over": lambda fake: signed(fake, exp=at(fake, minutes=-2)),
    "9.2.1 of the future": lambda fake: signed(fake, iat=at(fake, minutes=5)),
    "9.2.1 not yet good": lambda fake: signed(fake, nbf=at(fake, minutes=5)),
    "9.2.1 of last week": lambda fake: signed(fake, iat=at(fake, days=-7)),
    "9.2.1 without an end": lambda fake: signed(fake, exp=None),
    "9.2.1 an end that is a text": lambda fake: signed(fake, exp="tomorrow"),
    "9.2.1 an end that is a yes": lambda fake: signed(fake, exp=True),
    "10.5.2 nobody": lambda fake: signed(fake, sub=None),
    "10.5.2 an empty name": lambda fake: signed(fake, sub=""),
    "10.5.2 a number": lambda fake: signed(fake, sub=7),
    "10.5.2 far too long a name": lambda fake: signed(fake, sub="x" * 300),
    "10.5.2 a name with a line break": lambda fake: signed(fake, sub="a\nb"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_token_is_refused(fake, client, what):
    """ASVS 9.1.1-9.1.3, 9.2.1, 10.5.1-10.5.4, as each is named."""
    assert client.identity(Fake(fake.clock).token("n"), "n")  # a good one, all else equal
    with pytest.raises(Untrusted):
        client.identity(BAD[what](fake), "n")


def test_each_check_bites(fake, client, monkeypatch):
    """Without its check, the same token gets in."""
    checks = {
        "10.5.4 for somebody else": ("_check_audience", lambda *_: None),
        "9.2.1 over": ("_check_times", lambda *_: None),
        "10.5.1 another request's nonce": ("_same", lambda *_: True),
        "9.1.1 altered": ("_signed", lambda _, token: claims_of(token)),
        "9.1.2 not signed": ("_signed", lambda _, token: claims_of(token)),
        "9.1.1 signed by somebody else": ("_signed", lambda _, token: claims_of(token)),
        "9.1.2 signed with the public key as a secret": ("_signed", lambda _, token: claims_of(token)),
    }
    for what, (name, instead) in checks.items():
        bad = BAD[what](Fake(fake.clock))
        with pytest.raises(Untrusted):
            client.identity(bad, "n")
        with monkeypatch.context() as patch:
            patch.setattr(Client if hasattr(Client, name) else oidc, name, instead)
            assert client.identity(bad, "n").issuer == ISSUER


def test_a_new_key_is_fetched_once_and_not_at_everybodys_bidding(fake, client):
    client.identity(fake.token("n"), "n")
    fake.keys, fake.key, fake.header = [KEY, CURVE], CURVE, {"alg": "ES256", "kid": "curve"}
    with pytest.raises(Untrusted):  # asked less than a minute ago
        client.identity(fake.token("n"), "n")
    fake.clock.pass_by(minutes=2)
    assert client.identity(fake.token("n"), "n").subject == "teacher-7"
    before = fake.asked.count("keys")
    fake.key = STRANGE
    fake.header = {"alg": "RS256", "kid": "never heard of"}
    for _ in range(20):
        with pytest.raises(Untrusted):
            client.identity(fake.token("n"), "n")
    assert fake.asked.count("keys") == before


def test_what_the_provider_says_is_kept_for_an_hour(fake, client):
    for _ in range(5):
        client.begin()
    assert fake.asked == ["openid-configuration"]
    fake.clock.pass_by(hours=1)
    client.begin()
    assert len(fake.asked) == 2


def test_every_sign_on_has_its_own_secrets(client):
    """ASVS 10.2.1: state, nonce and PKCE are new each time."""
    begun = [client.begin() for _ in range(50)]
    for name in ("state", "nonce", "verifier"):
        found = {getattr(one, name) for one in begun}
        assert len(found) == 50
        assert all(len(one) >= 43 for one in found)
    assert all(one.verifier not in one.url for one in begun)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"issuer": "https://evil.example.org"}, Untrusted),
        ({"authorization_endpoint": "http://id.example.edu.cn/auth"}, NoProvider),
        ({"authorization_endpoint": "javascript:alert(1)"}, NoProvider),
        ({"authorization_endpoint": 7}, NoProvider),
    ],
)
def test_a_description_that_leads_astray_is_not_followed(fake, client, said, error):
    """ASVS 10.5.3."""
    fake.said |= said
    with pytest.raises(error):
        client.begin()


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: httpx.Response(500),
        lambda _: httpx.Response(302, headers={"location": "https://evil.example.org"}),
        lambda _: httpx.Response(200, text="<html>"),
        lambda _: httpx.Response(200, text="[" * 100_000),
        lambda _: httpx.Response(200, json=["a list"]),
        lambda _: httpx.Response(200, content=b" " * (3 << 20)),
        lambda request: (_ for _ in ()).throw(httpx.ConnectError("gone", request=request)),
        lambda request: (_ for _ in ()).throw(httpx.ReadTimeout("slow", request=request)),
    ],
)
def test_a_provider_that_is_not_there_is_not_there(answer):
    client = Client(PROVIDER, httpx.Client(transport=httpx.MockTransport(answer)))
    with pytest.raises(NoProvider):
        client.begin()


def test_an_issuer_without_encryption_is_no_issuer_except_on_this_machine():
    with pytest.raises(NoProvider):
        Client(Provider("http://id.example.edu.cn", "z", "https://p/sso"))
    Client(Provider("http://localhost:8080", "z", "http://localhost/sso"))
    assert "s3cret" not in repr(PROVIDER)


# ------------------------------------------------------------------------------------------- coming in, end to end


@pytest.fixture
def portal(database, tmp_path, monkeypatch, fake):
    found = world(database, tmp_path, monkeypatch)
    fake.clock = found.clock
    return found


@pytest.fixture
def teacher(portal):
    return create_account(
        portal, OPERATOR, op(), "li", "李", [role("filler", "U1")], issuer=ISSUER, subject="teacher-7"
    ).account


def test_who_has_an_account_comes_in(portal, fake, teacher):
    """ASVS 10.2.1, 10.5.2: by issuer and subject, with a session of our own."""
    client = client_of(fake)
    begun = sso_begin(portal, client)
    answer = fake.visit(begun.url)
    came = sso_finish(portal, client, answer, begun.browser, HERE)
    assert came.account == teacher
    assert who_am_i(portal, came.token).members == (role("filler", "U1"),)
    assert lines(portal, "session.sign_in") == 1
    with portal.database.read() as connection:
        row = connection.execute(select(sign_ons)).one()
    assert begun.browser not in row
    assert answer["state"] not in row


def test_nobody_opens_an_account_by_coming(portal, fake, teacher):
    client = client_of(fake)
    fake.subject = "somebody-new"
    begun = sso_begin(portal, client)
    refused = sso_finish(portal, client, fake.visit(begun.url), begun.browser, HERE)
    assert code(refused) == "sso_unknown"
    assert refused.details["subject"] == "somebody-new"
    fake.subject = "TEACHER-7"  # another subject, by a letter
    begun = sso_begin(portal, client)
    assert code(sso_finish(portal, client, fake.visit(begun.url), begun.browser, HERE)) == "sso_unknown"
    with portal.database.read() as connection:
        assert len(connection.execute(select(accounts)).all()) == 1


def test_another_issuers_subject_is_another_person(portal, fake):
    """ASVS 10.5.2."""
    create_account(portal, OPERATOR, op(), "li", "李", issuer="https://other.example.cn", subject="teacher-7")
    client = client_of(fake)
    begun = sso_begin(portal, client)
    assert code(sso_finish(portal, client, fake.visit(begun.url), begun.browser, HERE)) == "sso_unknown"


def test_a_disabled_account_stays_out(portal, fake, teacher):
    disable_account(portal, OPERATOR, op(), teacher, "调离")
    client = client_of(fake)
    begun = sso_begin(portal, client)
    assert code(sso_finish(portal, client, fake.visit(begun.url), begun.browser, HERE)) == "disabled"


def test_an_answer_counts_once_in_time_and_in_the_browser_that_asked(portal, fake, teacher):
    """ASVS 10.2.1: neither used twice, nor late, nor planted by somebody else."""
    client = client_of(fake)
    mine, theirs = sso_begin(portal, client), sso_begin(portal, client)
    answer = fake.visit(theirs.url)
    for wrong in (mine.browser, "", "guess"):
        assert code(sso_finish(portal, client, answer, wrong, HERE)) == "sso_wrong"
    assert code(sso_finish(portal, client, {**answer, "state": "x"}, theirs.browser, HERE)) == "sso_wrong"
    assert code(sso_finish(portal, client, {"code": "x"}, theirs.browser, HERE)) == "sso_wrong"
    assert not isinstance(sso_finish(portal, client, answer, theirs.browser, HERE), Refusal)
    fake.codes[answer["code"]] = {}
    assert code(sso_finish(portal, client, answer, theirs.browser, HERE)) == "sso_wrong"
    late = fake.visit(mine.url)
    portal.clock.pass_by(minutes=10)
    assert code(sso_finish(portal, client, late, mine.browser, HERE)) == "sso_wrong"


def test_a_code_that_was_stolen_is_worth_nothing(portal, fake, teacher):
    """ASVS 10.2.1, 10.4.6: PKCE and the nonce bind a code to the sign-on that asked for it."""
    client = client_of(fake)
    victim, thief = sso_begin(portal, client), sso_begin(portal, client)
    stolen = fake.visit(victim.url)["code"]
    planted = {**fake.visit(thief.url), "code": stolen}
    assert code(sso_finish(portal, client, planted, thief.browser, HERE)) == "sso_wrong"


def test_an_answer_of_another_provider_is_refused(portal, fake, teacher):
    """ASVS 10.2.2: no mix-up of providers."""
    client = client_of(fake)
    begun = sso_begin(portal, client)
    answer = {**fake.visit(begun.url), "iss": "https://evil.example.org"}
    assert code(sso_finish(portal, client, answer, begun.browser, HERE)) == "sso_wrong"


@pytest.mark.parametrize(
    "change", [{"nonce": "another"}, {"aud": "another"}, {"exp": 1}, {"iss": "https://evil"}]
)
def test_a_bad_token_lets_nobody_in(portal, fake, teacher, change):
    client = client_of(fake)
    begun = sso_begin(portal, client)
    fake.change = change
    assert code(sso_finish(portal, client, fake.visit(begun.url), begun.browser, HERE)) == "sso_wrong"
    assert lines(portal, "session.sign_in") == 0


def test_the_persons_no_and_a_provider_that_is_gone_get_a_sentence(portal, fake, teacher):
    client = client_of(fake)
    begun = sso_begin(portal, client)
    state = fake.visit(begun.url)["state"]
    assert code(
        sso_finish(portal, client, {"error": "access_denied", "state": state}, begun.browser, HERE)
    ) == ("sso_wrong")
    begun = sso_begin(portal, client)
    answer = fake.visit(begun.url)
    client.http = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(503)))
    assert code(sso_finish(portal, client, answer, begun.browser, HERE)) == "sso_down"
    gone = Client(PROVIDER, client.http, lambda: datetime(2026, 1, 1, tzinfo=UTC))
    assert code(sso_begin(portal, gone)) == "sso_down"
