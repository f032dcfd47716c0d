"""debate-aws push-images: what the registry lacks, and the password in no list of processes."""

from __future__ import annotations

import pytest
from applied_account import REGISTRY
from tool_world import NAME, World


class TestImages:
    @pytest.fixture
    def built(self, here: World) -> World:
        """docker has them; the registry lacks one."""
        here.programs.answer("docker", "image inspect", "amd64")
        client = here.client("ecr")
        client.batch_delete_image(repositoryName=f"{NAME}/worker", imageIds=[{"imageTag": "0.1.0-gpu"}])
        return here

    def test_what_lacks_is_pushed_and_nothing_else(self, built: World) -> None:
        code, said = built.tool("push-images")
        assert code == 0, said
        name = f"{REGISTRY}/{NAME}/worker:0.1.0-gpu"
        changing = [call.line for call in built.programs.calls("docker (tag|push|login)")]
        assert changing == [
            f"docker login --username AWS --password-stdin {REGISTRY}",
            f"docker tag debate-analyzer/worker:0.1.0-gpu {name}",
            f"docker push {name}",
        ]

    def test_the_password_goes_by_standard_input(self, built: World) -> None:
        _, said = built.tool("push-images")
        (login,) = built.programs.calls("docker login")
        assert login.given
        assert login.given not in said
        assert not [call for call in built.programs.calls() if login.given in call.line]

    def test_nothing_lacks(self, here: World) -> None:
        code, _ = here.tool("push-images")
        assert code == 0
        assert here.programs.calls("docker") == []

    def test_of_another_kind_of_machine(self, built: World) -> None:
        built.programs.answer("docker", "image inspect", "arm64")
        code, said = built.tool("push-images")
        assert code == 1
        assert "is for arm64, and the nodes are amd64" in said
        assert built.programs.calls("docker push") == []
