"""What is handed out to run the portal names settings, commands and files that there are, and holds no secret."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from portal.command import COMMANDS
from portal.settings import LISTEN, NAMES, SECRETS, is_postgresql, read_settings
from portal.startup import before_opening

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
FILES = sorted(path for path in DEPLOY.iterdir() if path.is_file())


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))


def settings_in(text):
    return set(re.findall(r"ZHUNSHENG_([A-Z_]+[A-Z])", text)) - {"SETTINGS"}


def known(name):
    return name in NAMES or (name.endswith("_FILE") and name.removesuffix("_FILE") in SECRETS)


@pytest.mark.parametrize("path", [*FILES, ROOT / "docs" / "operations.md"], ids=lambda path: path.name)
def test_every_setting_named_is_one(path):
    assert not [name for name in settings_in(path.read_text("utf-8")) if not known(name)]


def test_the_page_explains_every_setting_and_every_command():
    assert not [name for name in NAMES if f"`ZHUNSHENG_{name}`" not in PAGE]
    ours = [name for name, module in COMMANDS.items() if module.startswith("portal.command")]
    assert not [name for name in ours if f"zhunsheng {name}" not in PAGE]


def test_every_command_named_is_one():
    for path in [*FILES, ROOT / "docs" / "operations.md"]:
        for name in re.findall(
            r"(?:bin/|^|[`,\[ ])zhunsheng,? ([a-z]+)\b", path.read_text("utf-8"), re.MULTILINE
        ):
            assert name in {*COMMANDS, "zhunsheng"}, (path.name, name)


def test_links_of_the_page_lead_somewhere():
    for target in re.findall(r"\]\(([^)#]+)\)", PAGE):
        assert (ROOT / "docs" / target).exists(), target
    for anchor in re.findall(r"\]\(#([^)]+)\)", PAGE):
        titles = [
            re.sub(r"[^\w-]", "", line.lstrip("# ").replace(" ", "-").lower()) for line in PAGE.splitlines()
        ]
        assert anchor in titles, anchor


def test_the_settings_of_one_machine_are_read():
    found, problems = read_settings({"ZHUNSHENG_SETTINGS": str(DEPLOY / "zhunsheng.env")})
    assert not problems, problems
    assert found.host == "127.0.0.1"


def test_two_replicas_share_a_store_and_evidence(compose):
    replicas = [one for name, one in compose["services"].items() if name.startswith("app-")]
    assert len(replicas) == 2
    for one in replicas:
        assert one["command"] == ["zhunsheng", "serve"]
        assert one["environment"]["ZHUNSHENG_EVIDENCE"].startswith("s3://")
        assert "ZHUNSHENG_DATABASE_FILE" in one["environment"]
        assert one["depends_on"]["init"]["condition"] == "service_completed_successfully"
        assert "ports" not in one
    assert {"proxy", "database", "evidence", "init", "backup"} <= set(compose["services"])
    assert "app-1:8501 app-2:8501" in (DEPLOY / "Caddyfile").read_text("utf-8")


def test_names_and_ports_agree(compose):
    """Every host and port that one file names is a service, and the port it listens on, of the others."""
    services, caddy = compose["services"], (DEPLOY / "Caddyfile").read_text("utf-8")
    settings = services["app-1"]["environment"]
    port = settings["ZHUNSHENG_LISTEN"].rpartition(":")[2]
    assert LISTEN.rpartition(":")[2] == port
    assert re.findall(r"app-\d:(\d+)", caddy) == [port, port]
    assert f":{port}/readyz" in services["app-1"]["healthcheck"]["test"][-1]
    assert f"EXPOSE {port}" in (DEPLOY / "Dockerfile").read_text("utf-8")
    endpoint = urlsplit(parse_qs(urlsplit(settings["ZHUNSHENG_EVIDENCE"]).query)["endpoint"][0])
    assert f"-s3.port={endpoint.port}" in services[endpoint.hostname]["command"]
    bucket = urlsplit(settings["ZHUNSHENG_EVIDENCE"]).netloc
    assert f"-name {bucket}'" in services["bucket"]["command"][0]
    master = re.findall(r"-master=([\w-]+):9333", services["bucket"]["command"][0])
    assert set(master) == {endpoint.hostname}
    assert "database" in services
    assert "@database/zhunsheng" in PAGE
    assert services["database"]["environment"]["POSTGRES_DB"] == "zhunsheng"
    subnet = compose["networks"]["inside"]["ipam"]["config"][0]["subnet"]
    assert settings["ZHUNSHENG_PROXIES"] == subnet
    for name in compose["secrets"]:
        assert f"secrets/{name}" in PAGE, name
    for path in ("site.crt", "site.key"):
        assert f"/tls/{path}" in caddy
        assert f"secrets/tls/{path}" in PAGE
    assert "/readyz" in caddy


def test_the_settings_of_two_replicas_are_read(compose, tmp_path):
    """What stands in compose.yaml is understood, and nothing at the start refuses it but what is not there here."""
    given = dict(compose["services"]["app-1"]["environment"], ZHUNSHENG_ADDRESS="https://zp.example.edu.cn")
    for name, text in {
        "database": "postgresql://zhunsheng:hidden@database/zhunsheng",
        "evidence": "0123456789abcdef",
        "secret.key": "9f2c4d1ab07e63588a1d2c3b4e5f60718293a4b5c6d7e8f9",
    }.items():
        (tmp_path / name).write_text(text, "utf-8")
        (tmp_path / name).chmod(0o400)
    given = {name: value.replace("/run/secrets", str(tmp_path)) for name, value in given.items()}
    found, problems = read_settings(given)
    assert not problems, problems
    assert before_opening(found) == []
    assert is_postgresql(found.database.open())


def test_what_the_bucket_service_does_may_be_done_again(compose):
    """Making a bucket that is there fails, and the replicas would wait for ever: so it is looked for first."""
    (said,) = compose["services"]["bucket"]["command"]
    assert said.startswith("until echo 's3.bucket.list'")


def test_nothing_of_the_image_is_missing():
    for source in re.findall(r"^COPY (.+) \S+$", (DEPLOY / "Dockerfile").read_text("utf-8"), re.MULTILINE):
        assert all((ROOT / one).exists() for one in source.split()), source


def test_units_name_what_the_page_installs():
    folders = {"/opt/zhunsheng", "/etc/zhunsheng", "/var/lib/zhunsheng", "/srv/zhunsheng-backups"}
    units = "".join(path.read_text("utf-8") for path in DEPLOY.glob("zhunsheng*"))
    assert set(re.findall(r"/(?:opt|etc|srv|var/lib)/zhunsheng(?:-backups)?", units)) == folders
    assert all(folder in PAGE for folder in folders)


def test_only_the_proxy_can_be_reached_from_outside(compose):
    assert [name for name, one in compose["services"].items() if "ports" in one] == ["proxy"]


def test_no_secret_is_written_down(compose):
    for one in compose["services"].values():
        for name, value in one.get("environment", {}).items():
            assert not re.search(r"SECRET$|PASSWORD$|KEY$", name) or name in (
                "ZHUNSHENG_EVIDENCE_KEY",
                "ZHUNSHENG_SIGNING_KEY",
            ), (name, value)
            assert "://" not in str(value) or "@" not in str(value)
    declared = set(compose["secrets"])
    used = {name for one in compose["services"].values() for name in one.get("secrets", ())}
    assert used == declared


def test_a_refusal_does_not_make_the_service_start_over_and_over():
    unit = (DEPLOY / "zhunsheng.service").read_text("utf-8")
    assert "RestartPreventExitStatus=1 2" in unit
    assert "UMask=0077" in unit
