"""The lab's imunifyemail.toml: generated defaults, and a person's file laid over them."""

import json
import tomllib

from place import LabError


def defaults(place, rspamd_port):
    """What the engine and the hook are told. Each key is the product's own."""
    home, run = place.home, place.run
    return {
        "engine": {"endpoint": f"ipc://{run}/engine.sock", "trusted_endpoint": f"ipc://{run}/trusted/engine.sock",
                   "data_dir": f"{home}/data"},
        "log": {"dir": f"{home}/log", "level": "info"},
        "accounts": {"domain_map": f"{home}/userdomains", "true_domain_map": "", "data_domain_map": ""},
        "hook": {"user": "Debian-exim", "judge_socket": f"{run}/judge.sock", "lmtp_socket": f"{run}/lmtp.sock",
                 "incoming_switch": f"{run}/incoming", "spool_dir": f"{home}/spool", "fail_open": "accept",
                 "judge_timeout_ms": 30_000},
        "filter": {"judge_timeout_ms": 25_000},  # a busy machine judges late; what a deadline does has cases of its own
        "rspamd": {"url": f"http://127.0.0.1:{rspamd_port}"},
        "courier": {"exim": "/usr/sbin/exim4", "socket": f"{run}/release.sock"},
    }


def overlay(base, path):
    """Lay the tables and keys of a TOML file over the base; tables merge, all else replaces."""
    try:
        with open(path, "rb") as file:
            return _merge(base, tomllib.load(file))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise LabError(f"{path}: {error}") from error


def _merge(base, upper):
    merged = dict(base)
    for key, value in upper.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merge(merged[key], value) if both else value
    return merged


def to_toml(table, path=()):
    """Write a table as TOML: its plain keys first, as TOML demands, then its tables."""
    lines, below = [], []
    for key, value in table.items():
        name = ".".join(_key(part) for part in (*path, key))
        if isinstance(value, dict):
            below += [f"\n[{name}]\n", to_toml(value, (*path, key))]
        elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
            for item in value:
                below += [f"\n[[{name}]]\n", to_toml(item, (*path, key))]
        else:
            lines.append(f"{_key(key)} = {_value(value)}\n")
    return "".join(lines + below)


def _key(key):
    return key if key.isascii() and key.replace("_", "").replace("-", "").isalnum() else json.dumps(key)


def _value(value):
    if isinstance(value, (bool, str)):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items()) + "}"
    return str(value)
