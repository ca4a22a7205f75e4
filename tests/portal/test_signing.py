"""Signatures: stock minisign takes ours, we take its, and nothing that was touched passes."""

import os
import shutil
import stat
import subprocess
import sys

import minisign
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.refusal import Refusal
from portal.signing import (
    PUBLIC_NAME,
    SECRET_NAME,
    BadKey,
    Signed,
    exposed,
    load_public,
    load_secret,
    make_keys,
    new_key,
    public_key,
    sign_document,
    verify_document,
)
from tests.portal.trails import KEY, KEYS, STRANGER, changed_bytes, text_of

DOCUMENT = '{"grade":"4A","points":"86.5","university":"某大学"}'.encode()
COMMENT = "zhunsheng report 2026-11-26"

# Made once with stock minisign 0.11: minisign -G -W; minisign -S -m doc
STOCK_PUBLIC = """\
untrusted comment: minisign public key AF7D62B104D40DC2
RWTCDdQEsWJ9r6rKdezl0epwV4u/cDKf5rj4Y78mwhddCzFs8JsEIVC5
"""
STOCK_SECRET = """\
untrusted comment: minisign encrypted secret key
RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAwg3UBLFifa8z654LXgc/Y14K9+XOZK6HsEIcp00rfqqjfzDWk7M0WarKdezl0epwV4u/cDKf5rj4Y78mwhddCzFs8JsEIVC5AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
"""  # noqa: S105  made for this test, used nowhere
STOCK_DOCUMENT = "准绳".encode()
STOCK_SIGNATURE = """\
untrusted comment: signature from minisign secret key
RUTCDdQEsWJ9r1vES7Zxq+onqmBMrOsWgCUoHeohn8gF2KDTK72xpUzAus1GUmgKyw8eEM67kGDIISDvAtC/tPIZUEfDFX8JBwc=
trusted comment: timestamp:1795675621\tfile:doc\thashed
Wq9cGdhVs06VJFVVhFoXdnO018MUnlisHdihZDJL4NC9vz5U+x5GezCYr5Vf8zr84B5ulx1mQICpdo5gq2umBQ==
"""


def stock(*words):
    return subprocess.run(["minisign", *map(str, words)], capture_output=True, text=True, check=False)


def test_signatures_of_the_stock_program_are_taken():
    key = public_key(STOCK_PUBLIC)
    assert key.name == "AF7D62B104D40DC2"
    found = verify_document(STOCK_DOCUMENT, STOCK_SIGNATURE, [KEY.public, key])
    assert found == Signed(key, "timestamp:1795675621\tfile:doc\thashed")


def test_a_key_of_the_stock_program_signs_here_what_it_signs_there(tmp_path):
    path = tmp_path / "stock.key"
    path.write_text(STOCK_SECRET)
    path.chmod(0o400)
    key = load_secret(path)
    assert key.public.text == STOCK_PUBLIC
    ours = sign_document(STOCK_DOCUMENT, key, "x").splitlines()
    assert ours[1] == STOCK_SIGNATURE.splitlines()[1]  # Ed25519 leaves nothing to chance


def test_the_stock_program_takes_ours(tmp_path):
    """Where it is not installed, the vectors above and the implementation below stand in: this says so and goes on."""
    public = make_keys(tmp_path)
    key = load_secret(tmp_path / SECRET_NAME)
    report, signature = tmp_path / "report.json", tmp_path / "report.json.minisig"
    report.write_bytes(DOCUMENT)
    signature.write_text(sign_document(DOCUMENT, key, COMMENT), newline="")
    assert isinstance(verify_document(DOCUMENT, signature.read_text(), [public]), Signed)
    if shutil.which("minisign") is None:
        sys.stderr.write(
            "no minisign on this machine (apt install minisign): held against fixed vectors only\n"
        )
        test_signatures_of_the_stock_program_are_taken()
        return
    for trusted in (("-p", tmp_path / PUBLIC_NAME), ("-P", public.line)):
        said = stock("-V", "-H", *trusted, "-m", report)
        assert (said.returncode, said.stderr) == (0, "")
        assert f"Trusted comment: {COMMENT}" in said.stdout
    theirs = tmp_path / "theirs.minisig"
    signed = stock("-S", "-W", "-s", tmp_path / SECRET_NAME, "-x", theirs, "-m", report)
    assert signed.returncode == 0, signed.stderr
    assert isinstance(verify_document(DOCUMENT, theirs.read_text(), [public]), Signed)
    report.write_bytes(DOCUMENT + b" ")
    assert stock("-V", "-p", tmp_path / PUBLIC_NAME, "-m", report).returncode != 0


def test_another_implementation_takes_ours_and_we_take_its(tmp_path):
    """The package py-minisign reads and writes the same files, and has no line in common with ours."""
    public = make_keys(tmp_path)
    theirs = minisign.PublicKey.from_file(tmp_path / PUBLIC_NAME)
    assert theirs == minisign.PublicKey.from_base64(public.line)
    key = load_secret(tmp_path / SECRET_NAME)
    found = minisign.Signature.from_bytes(sign_document(DOCUMENT, key, COMMENT).encode())
    assert (found.trusted_comment, found.is_prehashed()) == (COMMENT, True)
    theirs.verify(DOCUMENT, found)
    pair = minisign.KeyPair.generate()
    signed = pair.secret_key.sign(DOCUMENT, trusted_comment=COMMENT)
    signed.untrusted_comment = "signature from minisign secret key"
    other = public_key(pair.public_key.to_base64().decode())
    assert verify_document(DOCUMENT, f"{bytes(signed).decode()}\n", [other]) == Signed(other, COMMENT)


def test_another_implementation_refuses_every_changed_byte_but_those_no_signature_covers():
    theirs = minisign.PublicKey.from_base64(KEY.public.line)
    signature = sign_document(DOCUMENT, KEY, COMMENT).encode()
    whole = minisign.Signature.from_bytes(signature)
    for document in changed_bytes(DOCUMENT):
        with pytest.raises(minisign.VerifyError):
            theirs.verify(document, whole)
    refused = 0
    for broken in changed_bytes(signature):
        try:
            theirs.verify(DOCUMENT, minisign.Signature.from_bytes(broken))
        except minisign.Error:
            refused += 1
        else:  # the comment of the first line, or how lines end
            assert broken.split()[-5:] == signature.split()[-5:], broken
    assert refused > 400


def test_every_changed_byte_of_document_and_signature_is_refused():
    signature = sign_document(DOCUMENT, KEY, COMMENT)
    assert isinstance(verify_document(DOCUMENT, signature, KEYS), Signed)
    refused = 0
    for document in changed_bytes(DOCUMENT):
        assert isinstance(verify_document(document, signature, KEYS), Refusal), document
        refused += 1
    for broken in changed_bytes(signature.encode()):
        assert isinstance(verify_document(DOCUMENT, text_of(broken), KEYS), Refusal), broken
        refused += 1
    assert refused > 600


@pytest.mark.parametrize(
    ("keys", "document", "said"),
    [
        ([STRANGER.public], DOCUMENT, "签名之后有改动"),
        ([], DOCUMENT, "不是所给的公钥"),
        ([new_key().public], DOCUMENT, "不是所给的公钥"),
        (KEYS, DOCUMENT[:-1], "签名之后有改动"),
    ],
)
def test_the_refusal_says_what_does_not_fit(keys, document, said):
    found = verify_document(document, sign_document(DOCUMENT, KEY, COMMENT), keys)
    assert isinstance(found, Refusal)
    assert said in found.message


def test_a_comment_from_another_signature_is_refused():
    one = sign_document(DOCUMENT, KEY, "valid until 2027").splitlines()
    two = sign_document(b"another", KEY, "valid until 2099").splitlines()
    found = verify_document(DOCUMENT, "\n".join([*one[:2], *two[2:], ""]), KEYS)
    assert isinstance(found, Refusal)
    assert found.code == "signature_comment"


def test_a_comment_is_one_plain_line():
    for comment in ("two\nlines", "中文", "tab\t"):
        with pytest.raises(ValueError, match="plain letters"):
            sign_document(DOCUMENT, KEY, comment)


@given(st.text(max_size=400))
def test_nothing_made_up_verifies_or_breaks(text):
    assert isinstance(verify_document(DOCUMENT, text, KEYS), Refusal)
    with pytest.raises(BadKey):
        public_key(text)


def test_keys_are_made_once_and_for_their_owner_only(tmp_path):
    folder = tmp_path / "keys"
    public = make_keys(folder)
    secret = folder / SECRET_NAME
    if os.name != "nt":
        assert stat.S_IMODE(secret.stat().st_mode) == 0o400
    before = secret.read_bytes()
    (folder / PUBLIC_NAME).unlink()
    assert make_keys(folder) == public  # what is there stays, what is missing is made of it
    assert secret.read_bytes() == before
    assert load_public(folder / PUBLIC_NAME) == public == load_secret(secret).public
    assert public != make_keys(tmp_path / "others")
    assert secret.read_text().splitlines()[1] not in repr(load_secret(secret))


@pytest.mark.skipif(
    os.name == "nt", reason="Windows has no such modes; the folder's list of who may enter protects it"
)
@pytest.mark.parametrize("mode", [0o440, 0o404, 0o420, 0o644, 0o600, 0o400])
def test_a_key_that_others_can_read_is_not_used(tmp_path, mode):
    make_keys(tmp_path)
    path = tmp_path / SECRET_NAME
    path.chmod(mode)
    if mode & 0o077 == 0:
        assert exposed(path) is None
        load_secret(path)
        return
    with pytest.raises(BadKey, match=r"别的用户也能读到.*chmod 400"):
        load_secret(path)


def test_every_changed_byte_of_a_key_is_refused(tmp_path):
    folder = tmp_path / "keys"
    public = make_keys(folder)
    path = folder / SECRET_NAME
    text = path.read_bytes()
    path.chmod(0o600)
    for broken in changed_bytes(text):
        if broken == text + b"\n":
            continue
        path.write_bytes(broken)
        try:
            found = load_secret(path)
        except BadKey:
            continue
        assert found.public == public  # a line end more or less


def test_a_changed_public_key_trusts_nothing_of_ours():
    signature = sign_document(DOCUMENT, KEY, COMMENT)
    for broken in changed_bytes(KEY.public.text.encode()):
        try:
            found = public_key(text_of(broken))
        except BadKey:
            continue
        same = found == KEY.public and broken.rstrip(b"\n") == KEY.public.text.encode().rstrip(b"\n")
        assert same or isinstance(verify_document(DOCUMENT, signature, [found]), Refusal), broken


def test_other_algorithms_are_told_apart():
    line = public_key(STOCK_PUBLIC).line
    with pytest.raises(BadKey, match="算法"):
        public_key("UzLCDdQEsWJ9" + line[12:])


def test_files_that_are_no_keys_are_told_in_chinese(tmp_path):
    for name, content in {
        "empty": b"",
        "picture": b"\x89PNG\xff",
        "text": b"hello\n",
        "lines": b"a\nb\n",
    }.items():
        path = tmp_path / name
        path.write_bytes(content)
        path.chmod(0o400)
        for load in (load_secret, load_public):
            with pytest.raises(BadKey) as told:
                load(path)
            assert "。" in str(told.value)
    with pytest.raises(BadKey, match="打不开"):
        load_public(tmp_path / "nowhere")
