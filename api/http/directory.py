"""The route of a path by its segments, where the framework would try every route's pattern."""

from collections import defaultdict

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

_Shelf = tuple[str, str, str, int]


class Directory:
    """Stands before a router: what it does not know at once, the router answers as ever."""

    def __init__(self, router: APIRouter) -> None:
        self.router = router
        self.shelves: dict[_Shelf, list[APIRoute]] = defaultdict(list)
        for route in router.routes:
            if isinstance(route, APIRoute):
                for method in route.methods or ():
                    self.shelves[_shelf(method, route.path)].append(route)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            for route in self._near(_shelf(scope["method"], scope["path"])):
                match, found = route.matches(scope)
                if match is Match.FULL:
                    scope.update(found, router=self.router)
                    await route.handle(scope, receive, send)
                    return
        await self.router.app(scope, receive, send)

    def _near(self, shelf: _Shelf) -> list[APIRoute]:
        """The routes that a path may be; those come first whose second segment is its own."""
        method, first, _, length = shelf
        return self.shelves.get(shelf) or self.shelves.get((method, first, _ANY, length)) or []


_ANY = "{}"


def _shelf(method: str, path: str) -> _Shelf:
    """
    By method, the first segment (which has no parameter), the second (or that it is one) and the
    number of segments.
    """
    parts = path.split("/")
    second = parts[2] if len(parts) > 2 else ""
    return (
        method,
        parts[1] if len(parts) > 1 else "",
        _ANY if second.startswith("{") else second,
        len(parts),
    )
