"""What compose.yaml may not say, so that docker-compose 1.29 and compose v2 both understand it, and what every service of
it must say. find(document, text) gives what is wrong, as sentences."""
import re

TOP_LEVEL = {"services", "networks", "volumes", "secrets", "configs"}
CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}

# Keys that one of the two does not know, by where they stand: * is any name or place in a list.
AVOID = [
    ("services.*", "container_name develop annotations attach cgroup gpus label_file post_start pre_stop provider models "
                   "use_api_socket credential_spec hostname"),
    ("services.*.depends_on.*", "required restart"),
    ("services.*.healthcheck", "start_interval"),
    ("services.*.env_file.*", "path required format"),
    ("services.*.build", "secrets ssh additional_contexts dockerfile_inline entitlements privileged tags platforms"),
    ("services.*.ports.*", "host_ip app_protocol name"),
    ("services.*.volumes.*.bind", "create_host_path recursive"),
    ("services.*.volumes.*.tmpfs", "mode"),
    ("services.*.volumes.*.volume", "subpath"),
    ("services.*.deploy.resources.limits", "pids"),
    ("services.*.networks.*", "gw_priority interface_name"),
    ("secrets.*", "environment"),
    ("configs.*", "content environment"),
]

# What only one of the two reads right, as text.
AVOID_TEXT = [
    (r"\$\{\w+:?\+", "${X:+a} is not known to docker-compose 1.29"),
    (r"!reset|!override", "!reset and !override are compose v2's alone"),
    (r"^\s*-\s+(true|false|yes|no|on|off)\s*$", "a bare boolean in a list is text to one of them: quote it"),
]

HARDENED = {
    "init": lambda value: value is True,
    "read_only": lambda value: value is True,
    "cap_drop": lambda value: value == ["ALL"],
    "security_opt": lambda value: "no-new-privileges:true" in (value or []),
    "tmpfs": lambda value: any(entry.startswith("/tmp:") for entry in value or []),
    "image": lambda value: isinstance(value, str),
    "build": lambda value: isinstance(value, dict) and "target" in value,
}
FORBIDDEN = ("privileged", "cap_add", "user", "network_mode", "pid", "ipc", "devices", "ports")


def at(node, path):
    """Every node at the path, with its own path as text."""
    nodes = [("", node)]
    for step in path.split("."):
        found = []
        for where, here in nodes:
            if isinstance(here, dict):
                pairs = here.items()
            elif isinstance(here, list):
                pairs = enumerate(here)
            else:
                continue
            found += [(f"{where}.{key}".lstrip("."), value) for key, value in pairs if step in ("*", key)]
        nodes = found
    return nodes


def find_features(document, text):
    """What one of the two does not understand."""
    wrong = [f"{key}: no place at the top level" for key in document
             if key not in TOP_LEVEL and not key.startswith("x-")]
    for path, keys in AVOID:
        for where, node in at(document, path):
            wrong += [f"{where}.{key}: not in both" for key in keys.split() if isinstance(node, dict) and key in node]
    for where, condition in at(document, "services.*.depends_on.*.condition"):
        if condition not in CONDITIONS:
            wrong.append(f"{where}: {condition} is no condition of both")
    return wrong + [sentence for pattern, sentence in AVOID_TEXT if re.search(pattern, text, re.M)]


def find_open_doors(document):
    """Services that may do more than they must."""
    wrong = []
    for name, service in document["services"].items():
        wrong += [f"{name}: {key} is not as hard as it should be" for key, good in HARDENED.items()
                  if not good(service.get(key))]
        wrong += [f"{name}: {key} opens a door" for key in FORBIDDEN if key in service]
        for network in service.get("networks", ["default"]):
            if not (document["networks"].get(network) or {}).get("internal"):
                wrong.append(f"{name}: the network {network} leads out")
        for volume in service.get("volumes", []):
            if name != "seed" and volume.startswith("keys-") and not volume.endswith(":ro"):
                wrong.append(f"{name}: may write keys, by {volume}")
    return wrong


def find(document, text):
    """All of it."""
    return find_features(document, text) + find_open_doors(document)
