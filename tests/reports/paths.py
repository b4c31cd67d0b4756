"""What stands where in a report's data."""

from typing import Any

Path = tuple[str | int, ...]


def at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def put(data: Any, path: Path, value: Any) -> None:
    at(data, path[:-1])[path[-1]] = value


def leaves(data: Any, path: Path = ()) -> list[Path]:
    if isinstance(data, dict):
        return [leaf for key, each in data.items() for leaf in leaves(each, (*path, key))]
    if isinstance(data, list | tuple):
        return [leaf for key, each in enumerate(data) for leaf in leaves(each, (*path, key))]
    return [path] if isinstance(data, str) else []
