"""One link for every incident as VideoCalls, for companies with a standing room."""

from __future__ import annotations

from chalicelib.ports.video_calls import Call


class FixedLink:
    """link: shown to people as it is. The call is the same for all incidents, and its id is the link."""

    name = "fixed_link"

    def __init__(self, link: str) -> None:
        self._call = Call(link, link)

    def find_call(self, marker: str, topic: str) -> Call | None:
        return self._call

    def make_call(self, marker: str, topic: str, agenda: str) -> Call:
        return self._call

    def read_call(self, call_id: str) -> Call | None:
        return self._call

    def problems(self) -> tuple[str, ...]:
        return () if self._call.join_link.startswith("https://") else ("the fixed link of the video call is no https:// link",)
