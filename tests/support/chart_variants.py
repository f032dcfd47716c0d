"""Values to render the chart with: each switches on something that the default leaves out."""

from __future__ import annotations

from helm_chart import STORE, Values

EVERYTHING: Values = {
    "namespaces": ["debates", "team-a", "team-b"],
    "store": {**STORE, "endpointUrl": "http://s3.debates.svc:7070", "region": "eu-central-1", "existingSecret": "keys"},
    "models": {
        "fetch": {
            "enabled": True,
            "transcription": ["large-v3-turbo", "tiny"],
            "diarization": "pyannote/speaker-diarization-community-1",
            "tokenSecret": {"name": "hub"},
            "hubEndpoint": "https://hub.example.org",
        }
    },
    "images": {"registry": "registry.example.org/debates", "pullSecrets": ["registry"]},
    "gpu": {"nodeSelector": {"class": "gpu"}, "largerNodeSelector": {"class": "large-gpu"}},
    "cpu": {"nodeSelector": {"class": "cpu"}, "tolerations": [{"key": "spot", "operator": "Exists"}]},
    "download": {"cookiesSecret": "cookies", "proxySecret": "proxy"},
    "operator": {"priorityClassName": "system-cluster-critical"},
    "placement": {"nodeSelector": {"class": "system"}, "tolerations": [{"operator": "Exists"}]},
    "serviceAccounts": {"worker": {"annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/worker"}}},
    "networkPolicy": {
        "storePeers": [{"podSelector": {"matchLabels": {"app": "s3"}}}],
        "metricsPeers": [{"namespaceSelector": {"matchLabels": {"team": "monitoring"}}}],
        "extraEgress": [{"to": [{"ipBlock": {"cidr": "10.1.2.3/32"}}], "ports": [{"port": 3128}]}],
    },
    "metrics": {"serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}}},
    "web": {
        "replicas": 2,
        "service": {"type": "NodePort", "nodePort": 30081, "annotations": {"a": "b"}},
        "ingress": {
            "enabled": True,
            "className": "nginx",
            "host": "debates.example.org",
            "tlsSecret": "tls",
            "annotations": {"a": "b"},
        },
    },
}

VARIANTS: dict[str, Values] = {
    "defaults": {},
    "everything": EVERYTHING,
    "operator alone": {
        "crds": {"install": False},
        "stats": {"enabled": False},
        "web": {"enabled": False},
        "networkPolicy": {"enabled": False},
    },
    "own service accounts": {
        "serviceAccounts": {
            name: {"create": False, "name": f"my-{name}"} for name in ("operator", "worker", "stats", "web")
        }
    },
    "jobs elsewhere, models here": {
        "namespaces": ["team-a"],
        "models": {"fetch": {"enabled": True}},
    },
    "digests": {
        "images": {"operator": {"digest": f"sha256:{'0' * 64}"}, "workerGpu": {"digest": f"sha256:{'1' * 64}"}}
    },
}
