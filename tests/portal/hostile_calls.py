"""Calls that must not be done: one idea each, and the status they are answered with. The words stand in hostile_calls.txt.

Names in braces are ids of the world: {a} is the caller's assessment with {canteen}, {b} another university's with
{theirs}; {piece} is a file of the caller's, {their_piece} one of the other's. `RAW` calls are sent byte by byte.
"""

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Ask:
    """A request: who asks for what, with which body; text is sent as it is, anything else as JSON."""

    status: int
    method: str
    path: str
    body: Any = ""
    who: str | None = "filler"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Raw:
    """Bytes as they go over the line; 0 stands for no answer at all."""

    status: int
    sent: bytes | Callable[[str], bytes]


STAFF = "/assessments/{a}/subjects/{canteen}/answers/c.staff"
PLAN = "/assessments/{a}/subjects/{school}/answers/s.plan"
BATCH = "/assessments/{a}/subjects/{canteen}/answers"
FILE = "/assessments/{a}/subjects/{canteen}/evidence/c.licence?name="
GOOD = {"value": 40, "base": 0}


def put(body: Any, status: int = 422, **headers: str) -> Ask:
    """Put a body where the number of staff goes."""
    return Ask(
        status, "PUT", STAFF, body, headers={name.replace("_", "-"): one for name, one in headers.items()}
    )


def value(one: Any, status: int = 422) -> Ask:
    """Answer the number of staff."""
    return put({"value": one, "base": 0}, status)


def file(name: str, content: bytes, status: int = 422) -> Ask:
    """Send a file as evidence."""
    return Ask(status, "POST", FILE + name, content, headers={"Content-Type": "application/octet-stream"})


def framed(head: str, body: bytes = b"") -> Callable[[str], bytes]:
    """Return a request with these lines in its head, for an address that reads its body."""
    start = "PUT /rounds/x/times HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nIdempotency-Key: k"
    return lambda token: (
        f"{start}\r\nAuthorization: Bearer {token}\r\n{head}\r\n\r\n".encode("latin-1") + body
    )


HOSTILE: Mapping[str, Ask | Raw] = {
    # JSON that is none
    "no body": put(""),
    "a body of blanks": put("  \n "),
    "json cut off": put('{"value": 4'),
    "a comma too many": put('{"value": 4, "base": 0,}'),
    "more behind the json": put('{"value": 4, "base": 0} x'),
    "two documents": put('{"value": 4, "base": 0}{"value": 5, "base": 0}'),
    "single quotes": put("{'value': 4, 'base': 0}"),
    "a comment": put('{"value": 4, /* four */ "base": 0}'),
    "not a number": put('{"value": NaN, "base": 0}'),
    "infinity": put('{"value": -Infinity, "base": 0}'),
    "a number with an exponent beyond measure": put('{"value": 1e999999999, "base": 0}'),
    "a number of five thousand digits": put('{"value": ' + "9" * 5000 + ', "base": 0}'),
    "a hexadecimal number": put('{"value": 0x28, "base": 0}'),
    "a number that begins with 0": put('{"value": 040, "base": 0}'),
    "a key twice": put('{"value": 4, "value": 400, "base": 0}'),
    "a key twice, written differently": put('{"value": 4, "val\\u0075e": 400, "base": 0}'),
    "a key twice, further in": put('{"value": {"a": 1, "a": 2}, "base": 0}'),
    "a hundred thousand brackets": put("[" * 100_000),
    "objects in objects without end": put('{"value":' * 5_000 + "1" + "}" * 5_000),
    "two bytes a letter": put('{"value": 4, "base": 0}'.encode("utf-16")),
    "no utf-8": put(b'{"value": "\xff\xfe", "base": 0}'),
    "half a letter": put('{"value": "\\ud800", "base": 0}'),
    "a NUL": put('{"value": "4\\u0000", "base": 0}'),
    "a NUL in a note": put('{"value": 4, "note": "a\\u0000b", "base": 0}'),
    "a NUL in a key": put('{"value": 4, "ba\\u0000se": 0}'),
    "a control letter as it is": put('{"value": "4\x07", "base": 0}'),
    # JSON that is something else
    "a list": put([GOOD]),
    "nothing": put("null"),
    "a text": put('"40"'),
    "a key that nobody asked for": put({**GOOD, "by": "somebody else"}),
    "the version left out": put({"value": 40}),
    "the version as text": put({"value": 40, "base": "0"}),
    "the version below zero": put({"value": 40, "base": -1}),
    "the version as yes": put('{"value": 40, "base": true}'),
    "the version with a point": put('{"value": 40, "base": 0.0}'),
    "a version beyond all counting": put({"value": 40, "base": 2**63}),
    "a version of the future": put({"value": 40, "base": 7}, 409),
    "a note without end": put({**GOOD, "note": "长" * 19_000}),
    # Values
    "sql": value("40'; DROP TABLE--"),
    "a formula": value('=HYPERLINK("http://x","y")'),
    "markup": value("<img src=x onerror=alert(1)>"),
    "full-width digits of another script": value("४०"),
    "yes for a number": value(True),
    "an object for a number": value({"$ne": None}),
    "a number out of range": value(10**12),
    "a number below its range": value(-1),
    "lists in lists": value([[[[[[[[[[[[1]]]]]]]]]]]]),
    "a text of a megabyte": put('{"value": "' + "长" * 350_000 + '", "base": 0}'),
    "an answer to what is not asked": Ask(422, "PUT", STAFF.replace("c.staff", "c.nothing"), GOOD),
    "an answer of the university for a canteen": Ask(
        422, "PUT", STAFF.replace("c.staff", "s.plan"), {"value": True, "base": 0}
    ),
    "two answers to one question": Ask(
        422, "PATCH", BATCH, {"entries": [{"subject": "{canteen}", "fact": "c.staff", **GOOD}] * 2}
    ),
    "more answers than a call may bring": Ask(
        413,
        "PATCH",
        BATCH,
        {"entries": [{"subject": "{canteen}", "fact": f"c.f{number}", **GOOD} for number in range(501)]},
    ),
    "entries that are none": Ask(422, "PATCH", BATCH, {"entries": [None, 1, "x", []]}),
    "a submission of another standard": Ask(
        422, "POST", "/assessments/{a}/submission", {"submission": {"standard": "x"}}
    ),
    "a submission that is a list": Ask(422, "POST", "/assessments/{a}/submission", {"submission": []}),
    # What the body is said to be
    "a body that is said to be text": put(json.dumps(GOOD), 415, Content_Type="text/plain"),
    "a form": put("value=40&base=0", 415, Content_Type="application/x-www-form-urlencoded"),
    "a form in parts": put("--x\r\n\r\n40\r\n--x--", 415, Content_Type="multipart/form-data; boundary=x"),
    "xml that reads a file": put(
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', 415, Content_Type="text/xml"
    ),
    "json that is compressed": put(gzip.compress(json.dumps(GOOD).encode()), 415, Content_Encoding="gzip"),
    # Sizes
    "a body of three megabytes": put("[" + "1," * 1_500_000 + "1]", 413),
    "an address of five thousand letters": Ask(414, "GET", "/rounds?" + "x" * 5_000),
    "a header of twenty thousand letters": Ask(431, "GET", "/rounds", headers={"X-Long": "x" * 20_000}),
    "three hundred headers": Ask(
        431, "GET", "/rounds", headers={f"X-{number}": "x" * 60 for number in range(300)}
    ),
    "an id of two hundred letters": Ask(422, "GET", "/assessments/" + "x" * 200 + "/score"),
    # Addresses
    "a path upwards": Ask(404, "GET", "/assessments/../../../etc/passwd"),
    "a path upwards, hidden": Ask(404, "GET", "/evidence/%2e%2e%2f%2e%2e%2fetc%2fpasswd"),
    "a path upwards, hidden twice": Ask(422, "GET", "/evidence/%252e%252e%252fpasswd"),
    "a path of windows": Ask(422, "GET", "/scorecards/..%5c..%5cboot.ini"),
    "a NUL in an address": Ask(400, "GET", "/evidence/x%00y"),
    "a NUL in a question": Ask(400, "GET", "/assessments/{a}/evidence?fact=%00"),
    "sql in an address": Ask(422, "GET", "/assessments/x'%20OR%20'1'='1/score"),
    "letters that turn the line": Ask(422, "GET", "/assessments/%E2%80%AEx/score"),
    "an address that is no utf-8": Ask(422, "GET", "/assessments/%ff%fe/score"),
    "a slash too many": Ask(404, "GET", "//rounds"),
    "a slash at the end, for a host of theirs": Ask(404, "GET", "/rounds/", headers={"Host": "evil.example"}),
    "an address that is not there": Ask(404, "GET", "/admin"),
    "a part that has no number": Ask(422, "PUT", "/uploads/x/chunks/one", b"x"),
    "a part below zero": Ask(422, "PUT", "/uploads/x/chunks/-1", b"x"),
    "a part beyond all counting": Ask(422, "PUT", "/uploads/x/chunks/99999999999", b"x"),
    "a part of an upload that is not there": Ask(404, "PUT", "/uploads/x/chunks/0", b"x"),
    "maybe for yes or no": Ask(422, "GET", "/assessments/{a}/evidence?removed=maybe"),
    # Files
    "a file whose name is a path": file("..%2f..%2fx.jpg", b"x"),
    "a file without a name": Ask(422, "POST", FILE.removesuffix("?name="), b"x"),
    "a file of nothing": file("a.pdf", b""),
    "a program that says it is a picture": file("a.jpg", b"MZ" + bytes(200)),
    "a picture that runs scripts": file("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'),
    "a table that starts a program": file("a.csv", b"a\n=cmd|'/c calc'!A1\n"),
    "a file of twenty-one megabytes": file("a.txt", b"a" * (21 << 20), 413),
    "a file as proof of what is not asked": Ask(
        422, "POST", FILE.replace("c.licence", "c.nothing") + "a.txt", b"a"
    ),
    "an upload larger than any": Ask(
        413,
        "POST",
        "/assessments/{a}/subjects/{canteen}/uploads/c.licence",
        {"name": "a.pdf", "size": 2**31 - 1},
    ),
    "an upload with a hash that is none": Ask(
        422,
        "POST",
        "/assessments/{a}/subjects/{canteen}/uploads/c.licence",
        {"name": "a.pdf", "size": 9, "sha256": "../../x"},
    ),
    "a part of a file that is not there": Ask(
        416, "GET", "/evidence/{piece}", headers={"Range": "bytes=99999999-"}
    ),
    # Tokens
    "no token": Ask(401, "GET", "/rounds", who=None),
    "a token that never was": Ask(
        401, "GET", "/rounds", who=None, headers={"Authorization": "Bearer zs_nothing"}
    ),
    "a token that has run out": Ask(401, "GET", "/rounds", who="late"),
    "a token that was withdrawn": Ask(401, "GET", "/rounds", who="withdrawn"),
    "a token of an account that is disabled": Ask(401, "GET", "/rounds", who="disabled"),
    "a password instead of a token": Ask(
        401, "GET", "/rounds", who=None, headers={"Authorization": "Basic YTpi"}
    ),
    "a token of nothing": Ask(401, "GET", "/rounds", who=None, headers={"Authorization": "Bearer "}),
    "a token in the address": Ask(401, "GET", "/rounds?access_token={token}", who=None),
    "a token of letters that are not ASCII": Ask(
        401, "GET", "/rounds", who=None, headers={"Authorization": "Bearer \xe4\xb8\xad"}
    ),
    "a token of ten thousand letters": Ask(
        401, "GET", "/rounds", who=None, headers={"Authorization": "Bearer " + "x" * 10_000}
    ),
    "a name said in a header": Ask(401, "GET", "/rounds", who=None, headers={"X-Forwarded-User": "admin"}),
    # What is another's
    "the score of another university": Ask(404, "GET", "/assessments/{b}/score"),
    "the form of another university": Ask(404, "GET", "/assessments/{b}/subjects/{theirs}/answers"),
    "an answer for another university": Ask(
        404, "PUT", "/assessments/{b}/subjects/{theirs}/answers/c.staff", GOOD
    ),
    "an answer for another's canteen in one's own": Ask(
        404, "PUT", STAFF.replace("{canteen}", "{theirs}"), GOOD
    ),
    "another's canteen in one's own batch": Ask(
        404, "PATCH", BATCH.replace("{canteen}", "{theirs}"), {"entries": []}
    ),
    "a file of another university": Ask(404, "GET", "/evidence/{their_piece}"),
    "a file of another university, removed": Ask(404, "POST", "/evidence/{their_piece}/removal", {}),
    "a file of another university, used again": Ask(
        404,
        "POST",
        "/evidence/{their_piece}/reuse",
        {"assessment": "{a}", "subject": "{canteen}", "fact": "c.licence"},
    ),
    "a file for another university": Ask(
        404, "POST", "/assessments/{b}/subjects/{theirs}/evidence/c.licence?name=a.txt", b"a"
    ),
    "a draft, by an inspector": Ask(404, "GET", "/assessments/{a}/score", who="inspector"),
    "a draft, by the secretariat": Ask(409, "GET", "/assessments/{a}/score", who="secretary"),
    "a round closed by who fills in": Ask(403, "POST", "/rounds/{round}/close", {"base": 2}),
    "accounts made by who fills in": Ask(403, "POST", "/accounts", {"login": "x", "name": "x", "roles": []}),
    "a handing in by who only fills in": Ask(403, "POST", "/assessments/{a}/submit", {"base": 2}),
    # What is over
    "an answer after the handing in": Ask(
        409, "PUT", "/assessments/{b}/subjects/{theirs}/answers/c.staff", GOOD, who="stranger"
    ),
    "a file after the handing in": Ask(
        409, "POST", "/assessments/{b}/subjects/{theirs}/evidence/c.licence?name=a.txt", b"a", who="stranger"
    ),
    "a batch after the handing in": Ask(
        409,
        "PATCH",
        "/assessments/{b}/subjects/{theirs}/answers",
        {"entries": [{"subject": "{theirs}", "fact": "c.staff", **GOOD}]},
        who="stranger",
    ),
    "a submission after the handing in": Ask(
        409, "POST", "/assessments/{b}/submission", {"submission": {}}, who="stranger"
    ),
    "a submission to another university": Ask(404, "POST", "/assessments/{b}/submission", {"submission": {}}),
    # Doing it twice
    "no operation": put(GOOD, 422, Idempotency_Key=""),
    "an operation of sixty-five letters": put(GOOD, 422, Idempotency_Key="x" * 65),
    "an operation of other letters": put(GOOD, 422, Idempotency_Key="a b;c"),
    "an operation of somebody else": Ask(
        409, "PUT", PLAN, {"value": True, "base": 0}, who="colleague", headers={"Idempotency-Key": "used"}
    ),
    "an operation for something else": Ask(409, "PUT", STAFF, GOOD, headers={"Idempotency-Key": "used"}),
    "an operation with another answer": Ask(
        409, "PUT", PLAN, {"value": False, "base": 0}, headers={"Idempotency-Key": "used"}
    ),
    "an operation of another university": Ask(
        409,
        "POST",
        "/assessments/{a}/subjects/{canteen}/evidence/c.licence?name=a.txt",
        b"a",
        headers={"Idempotency-Key": "theirs"},
    ),
    "an answer based on what is not there": Ask(409, "DELETE", STAFF, {"base": 3}),
    "a stale answer": Ask(409, "PUT", PLAN, {"value": False, "base": 0}),
    # Methods and conditions
    "a method that the address has not": Ask(405, "POST", "/rounds/{round}/schema", {}),
    "a method behind another": Ask(405, "POST", STAFF, GOOD, headers={"X-HTTP-Method-Override": "PUT"}),
    "a method to look with": Ask(405, "TRACE", "/rounds"),
    "a method of coffee": Ask(405, "BREW", "/rounds"),
    "a question from a page elsewhere": Ask(
        405,
        "OPTIONS",
        "/rounds",
        headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"},
    ),
    "a condition that nobody can keep": put(GOOD, 412, If_Match='"0"'),
    "a file only if it is another": Ask(412, "GET", "/evidence/{piece}", headers={"If-Match": '"other"'}),
    # What is no HTTP
    "no http": Raw(400, b"hello\r\n\r\n"),
    "http of the first day": Raw(400, b"GET /rounds\r\n\r\n"),
    "http of the second kind": Raw(404, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "no host": Raw(400, b"GET /rounds HTTP/1.1\r\n\r\n"),
    "a header with a blank before its colon": Raw(400, framed("Content-Length : 5", b"hello")),
    "a header with a line in it": Raw(400, framed("X-A: a\rX-B: b")),
    "a length below zero": Raw(400, framed("Content-Length: -1")),
    "a length in words": Raw(400, framed("Content-Length: five", b"hello")),
    "two lengths": Raw(400, framed("Content-Length: 5\r\nContent-Length: 6", b"hello!")),
    "a piece that lies about its length": Raw(
        400, framed("Transfer-Encoding: chunked", b"5\r\n{}\r\n0\r\n\r\nxx\r\n")
    ),
    "a piece of a length that is none": Raw(
        400, framed("Transfer-Encoding: chunked", b"zz\r\nhello\r\n0\r\n\r\n")
    ),
    "a coding nobody knows": Raw(400, framed("Transfer-Encoding: gzip, chunked", b"0\r\n\r\n")),
    "a head of a hundred thousand letters": Raw(431, framed("X-Long: " + "x" * 100_000)),
    "less than it says": Raw(0, framed("Content-Length: 500", b'{"a": 1')),
}
