"""One reader without a browser: a tab's conversation with the server, over the websocket, message by message."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from random import Random
from types import TracebackType
from typing import Any, Self

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates

KEPT_RUNS = 2
"""Runs for which a browser keeps a large message that was not used (Streamlit's `global.maxCachedMessageAge`)."""

PATIENCE = 60.0
"""Seconds without an answer after which a rerun counts as an error."""


@dataclass
class Rerun:
    """One question and its answer: seconds from sending to the script's end, bytes received, what went wrong."""

    seconds: float
    size: int
    error: str = ""


@dataclass
class Reader:
    """A session. `controls` holds every widget on the page by the key that the app gave it."""

    address: str
    locale: str = "en-US"
    source: str = ""  # the address it comes from; a machine has all of 127.0.0.0/8 to itself
    headers: dict[str, str] = field(default_factory=dict)  # of the handshake, beside the usual ones
    controls: dict[str, Any] = field(default_factory=dict)
    fragments: dict[str, float] = field(default_factory=dict)  # id to seconds between its reruns
    session: str = ""
    query: str = ""
    said: list[str] = field(default_factory=list)  # markdown, headings, alerts of the last run
    _values: dict[str, WidgetState] = field(default_factory=dict)
    _page: str = ""
    _whole: bool = True  # the run of now is one of the whole script
    _kept: dict[str, tuple[ForwardMsg, int]] = field(default_factory=dict)  # and its last run
    _runs: int = 0
    _socket: Any = None

    async def __aenter__(self) -> Self:
        self._socket = await websockets.connect(
            self.address.replace("http", "ws") + "/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            max_size=None,
            open_timeout=PATIENCE,
            additional_headers=self.headers,
            **({"local_addr": (self.source, 0)} if self.source else {}),
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self._socket.close()

    async def open(self, page: str, query: str = "") -> Rerun:
        """As a link is opened: the first run of the session, or a page change."""
        self.query, self._page, self._values = query, "", {}
        return await self._ask(page)

    async def set(self, key: str, value: Any) -> Rerun:
        """Move a control and wait for the page."""
        self._values[key] = self._state(key, value)
        return await self._ask()

    async def press(self, key: str) -> Rerun:
        """Press a button and wait for the page."""
        return await self._ask(pressed=WidgetState(id=self.controls[key].id, trigger_value=True))

    async def tick(self) -> Rerun | None:
        """Wait as long as the page's own clock says, then let its fragment run; None if nothing runs by itself."""
        if not self.fragments:
            return None
        fragment, pause = next(iter(self.fragments.items()))
        await asyncio.sleep(pause)
        return await self._ask(fragment=fragment)

    async def raw(self, *states: WidgetState) -> Rerun:
        """Send widget states as they are, sensible or not."""
        return await self._ask(extra=states)

    def _state(self, key: str, value: Any) -> WidgetState:
        element = self.controls[key]
        state = WidgetState(id=element.id)
        match type(element).__name__:
            case "Slider" if not element.options:
                state.double_array_value.data.append(value)
            case "Slider" | "ButtonGroup":
                state.string_array_value.data.append(value)
            case "NumberInput":
                state.double_value = value
            case "Checkbox":
                state.bool_value = value
            case _:
                state.string_value = value
        return state

    async def _ask(
        self,
        page: str = "",
        pressed: WidgetState | None = None,
        fragment: str = "",
        extra: tuple[WidgetState, ...] = (),
    ) -> Rerun:
        message = BackMsg()
        ask = message.rerun_script
        ask.query_string, ask.page_script_hash, ask.page_name = self.query, self._page, page
        ask.fragment_id, ask.is_auto_rerun = fragment, bool(fragment)
        ask.context_info.locale = self.locale
        ask.cached_message_hashes.extend(self._kept)
        states = [*self._values.values(), *extra, *([pressed] if pressed else [])]
        ask.widget_states.CopyFrom(WidgetStates(widgets=states))
        begin = time.perf_counter()
        size, error, self._whole = 0, "", not fragment
        self.said.clear()
        try:
            async with asyncio.timeout(PATIENCE):
                await self._socket.send(message.SerializeToString())
                while True:
                    frame = await self._socket.recv()
                    size += len(frame)
                    answer = self._whole_message(ForwardMsg.FromString(frame))
                    error = self._read(answer) or error
                    if answer.WhichOneof("type") == "script_finished" and (
                        answer.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
                    ):
                        break
        except TimeoutError:
            error = "no answer"
        except websockets.ConnectionClosed:
            error = "the connection was closed"
        return Rerun(time.perf_counter() - begin, size, error)

    def _whole_message(self, message: ForwardMsg) -> ForwardMsg:
        """A message, or what it refers to: as a browser does, large ones are kept and not sent again."""
        if message.WhichOneof("type") == "script_finished":
            self._runs += 1
            for key, (_, used) in list(self._kept.items()):
                if self._runs - used > KEPT_RUNS:
                    del self._kept[key]
        if message.WhichOneof("type") == "ref_hash":
            found = ForwardMsg()
            found.CopyFrom(self._kept[message.ref_hash][0])
            self._kept[found.hash] = (found, self._runs)
            return found
        if message.metadata.cacheable:
            self._kept[message.hash] = (message, self._runs)
        return message

    def _read(self, message: ForwardMsg) -> str:
        """Take note of what the page is now; returns what went wrong."""
        match message.WhichOneof("type"):
            case "new_session":
                self.session = message.new_session.initialize.session_id
                if self._whole:
                    self.fragments.clear()
                    self.controls.clear()
            case "navigation":
                self._page = message.navigation.page_script_hash
            case "page_info_changed":
                self.query = message.page_info_changed.query_string
            case "auto_rerun":
                run = message.auto_rerun
                self.fragments[run.fragment_id] = run.interval
            case "page_not_found":
                return "page not found"
            case "script_finished":
                self._whole = True  # a run that ends early is followed by one of the whole script
                if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                    return "the script does not compile"
            case "delta" if message.delta.WhichOneof("type") == "new_element":
                kind = message.delta.new_element.WhichOneof("type")
                element = getattr(message.delta.new_element, kind)
                if kind == "exception":
                    return f"{element.type}: {element.message}"
                if kind in ("markdown", "heading", "alert"):
                    self.said.append(element.body)
                found = getattr(element, "id", "")
                if found.startswith("$$ID-"):
                    self.controls[found.split("-", 2)[2]] = element
                    self._shown(found.split("-", 2)[2], element)
        return ""

    def _shown(self, key: str, element: Any) -> None:
        """A control that the script has set shows the script's value, not what was chosen here."""
        if getattr(element, "set_value", False):
            self._values.pop(key, None)


def any_value(element: Any, draw: Random, texts: list[str]) -> Any:
    """A value that this control allows, drawn by lot; None for what is not a control to be moved."""
    if getattr(element, "disabled", False):
        return None
    match type(element).__name__:
        case "Slider" if not element.options:
            steps = round((element.max - element.min) / element.step)
            return element.min + element.step * draw.randint(0, steps)
        case "Slider" | "Selectbox":
            return draw.choice(list(element.options))
        case "ButtonGroup":
            return draw.choice([option.content for option in element.options])
        case "NumberInput":
            return float(draw.randint(int(element.min), int(element.max)))
        case "Checkbox":
            return draw.random() < 0.5
        case "TextInput" | "TextArea":
            return draw.choice(texts)
    return None
