"""debate-aws web: the page's files for CloudFront, with their types, once, and nothing else of the bucket."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from applied_account import outputs
from helm_chart import Chart
from tool_world import BUCKET, World

from debate_aws import web_files


class TestPage:
    def test_all_of_it_with_its_types(self, served: World) -> None:
        code, said = served.tool("web")
        assert code == 0, said
        s3 = served.client("s3")
        keys = {item["Key"] for item in s3.list_objects_v2(Bucket=BUCKET)["Contents"]}
        web = served.folder / "web"
        expected = {f"website/{path.relative_to(web).as_posix()}" for path in web.rglob("*") if path.is_file()} - {
            "website/nginx.conf"
        }
        assert keys == expected
        types = {
            "index.html": "text/html; charset=utf-8",
            "css/base.css": "text/css; charset=utf-8",
            "js/main.js": "text/javascript; charset=utf-8",
            "icon.svg": "image/svg+xml; charset=utf-8",
            "config.json": "application/json; charset=utf-8",
        }
        for key, content_type in types.items():
            head = s3.head_object(Bucket=BUCKET, Key=f"website/{key}")
            assert (head["ContentType"], head["CacheControl"]) == (content_type, "no-cache")
        assert self.invalidations(served) == ["/*"]

    def test_again_and_nothing_is_put(self, served: World, monkeypatch: pytest.MonkeyPatch) -> None:
        served.tool("web")
        before = self.modified(served)
        count = len(self.invalidations(served))
        code, said = served.tool("web")
        assert code == 0
        assert "unchanged" in said
        assert self.modified(served) == before
        assert len(self.invalidations(served)) == count

    def test_what_changed_and_what_went(self, served: World) -> None:
        s3 = served.client("s3")
        served.tool("web")
        others = ("statistics/index.json", "jobs/a/job.json", "website.html", "websites/a")
        for key in (*others, "website/js/old.js"):
            s3.put_object(Bucket=BUCKET, Key=key, Body=b"{}")
        s3.put_object(Bucket=BUCKET, Key="website/icon.svg", Body=b"<svg/>")
        _, said = served.tool("web")
        assert "1 of " in said
        assert "1 deleted" in said
        keys = self.modified(served).keys()
        assert set(others) <= keys
        assert "website/js/old.js" not in keys
        icon = s3.get_object(Bucket=BUCKET, Key="website/icon.svg")["Body"].read()
        assert icon == (served.folder / "web/icon.svg").read_bytes()

    def test_the_page_comes_after_what_it_names(self, repository: Path) -> None:
        assert web_files.files(repository / "web", {})[-1].key == "website/index.html"

    def test_what_lies_beside_the_page_is_no_part_of_it(self, repository: Path, tmp_path: Path) -> None:
        web = tmp_path / "web"
        shutil.copytree(repository / "web", web)
        for name in ("js/.DS_Store", "index.html~", "index.html.orig", "js/main.js~", "notes.css"):
            (web / name).touch()
        assert [file.key for file in web_files.files(web, {})] == [
            file.key for file in web_files.files(repository / "web", {})
        ]

    def test_all_of_the_pages_folders_is_served(self, repository: Path) -> None:
        words = ("git", "ls-files", "css", "js", "index.html", "icon.svg", "config.json")
        known = subprocess.run(words, cwd=repository / "web", capture_output=True, text=True, check=True).stdout
        keys = {file.key.removeprefix(web_files.PREFIX) for file in web_files.files(repository / "web", {})}
        assert keys == set(known.split())

    def test_what_it_says_of_itself_is_what_the_chart_would(self, served: World, helm: Path) -> None:
        values = {"web": {"title": "Rat", "language": "cs", "contact": "mailto:a@example.org"}}
        config = Chart(helm).render(values).one("ConfigMap", "-web")["data"]["config.json"]
        mine = served.folder / "mine.json"
        mine.write_text(json.dumps(values), encoding="utf-8")
        served.tool("web", "--values", str(mine))
        ours = served.client("s3").get_object(Bucket=BUCKET, Key="website/config.json")["Body"].read()
        assert json.loads(ours) == json.loads(config)

    def test_without_cloudfront(self, served: World, distribution: str) -> None:
        served.applied(outputs(distribution) | {"page": None})
        code, said = served.tool("web")
        assert code == 1
        assert "the cluster serves the page" in said

    @staticmethod
    def modified(world: World) -> dict[str, Any]:
        listed = world.client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]
        return {item["Key"]: item["LastModified"] for item in listed}

    @staticmethod
    def invalidations(world: World) -> list[str]:
        client = world.client("cloudfront", "us-east-1")
        distribution = client.list_distributions()["DistributionList"]["Items"][0]["Id"]
        listed = client.list_invalidations(DistributionId=distribution)["InvalidationList"].get("Items", [])
        found = [client.get_invalidation(DistributionId=distribution, Id=one["Id"]) for one in listed[-1:]]
        return [path for one in found for path in one["Invalidation"]["InvalidationBatch"]["Paths"]["Items"]]
