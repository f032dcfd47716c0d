"""CloudFront serves the page as nginx does: the same headers, and no key of the bucket but the page and statistics/."""

from __future__ import annotations

import json
import re
import subprocess
import sysconfig
from pathlib import Path

import pytest
from terraform_cli import ROOT

CDN = ROOT / "modules/cdn"


def test_the_same_headers_as_nginx(repository: Path) -> None:
    nginx = (repository / "web/nginx.conf").read_text(encoding="utf-8")
    headers = dict(re.findall(r'add_header (\S+) "?(.*?)"? always;', nginx))
    code = (CDN / "main.tf").read_text(encoding="utf-8")
    assert headers.pop("X-Content-Type-Options") == "nosniff"
    assert "content_type_options {" in code
    assert f'content_security_policy = "{headers.pop("Content-Security-Policy")}"' in code
    assert f'referrer_policy = "{headers.pop("Referrer-Policy")}"' in code
    ours = dict(re.findall(r'^ +"([A-Z][A-Za-z-]+)" += "(.*)"$', code, re.MULTILINE))
    assert ours == headers


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        ("/", "/website/index.html"),
        ("/index.html", "/website/index.html"),
        ("/js/words/en/general.js", "/website/js/words/en/general.js"),
        ("/statistics/index.json", "/statistics/index.json"),
        ("/statistics/by-job/a.json", "/statistics/by-job/a.json"),
        ("/statistics", "/website/statistics"),
        ("/jobs/a/job.json", "/website/jobs/a/job.json"),
        ("/statistics2/x", "/website/statistics2/x"),
        ("//jobs/a", "/website//jobs/a"),
        ("/website/index.html", "/website/website/index.html"),
    ],
)
def test_addresses_lead_to_the_page_and_statistics_alone(asked: str, key: str, tmp_path: Path) -> None:
    script = tmp_path / "address.js"
    call = f"console.log(handler({json.dumps({'request': {'uri': asked}})}).uri);"
    script.write_text((CDN / "address.js").read_text(encoding="utf-8") + call, encoding="utf-8")
    deno = Path(sysconfig.get_path("scripts")) / "deno"
    done = subprocess.run([deno, "run", "--no-config", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == key
