"""Drags a file from outside onto a window and lets it go there, by the protocol of X (XDND 5): drop.py WINDOW X Y FILE."""

import ctypes
import ctypes.util
import pathlib
import sys
import time

CLIENT_MESSAGE, SELECTION_NOTIFY, SELECTION_REQUEST = 33, 31, 30
WITHIN_S = 10
Long, ULong, Pointer, Int = ctypes.c_long, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_int

HEAD = [("type", Int), ("serial", ULong), ("send_event", Int), ("display", Pointer)]


class ClientMessage(ctypes.Structure):
    _fields_ = [*HEAD, ("window", ULong), ("message_type", ULong), ("format", Int), ("data", Long * 5)]


class SelectionRequest(ctypes.Structure):
    _fields_ = [*HEAD, ("owner", ULong), ("requestor", ULong), ("selection", ULong), ("target", ULong), ("property", ULong), ("time", ULong)]


class SelectionNotify(ctypes.Structure):
    _fields_ = [*HEAD, ("requestor", ULong), ("selection", ULong), ("target", ULong), ("property", ULong), ("time", ULong)]


class Event(ctypes.Union):
    _fields_ = [("type", Int), ("message", ClientMessage), ("request", SelectionRequest), ("answer", SelectionNotify), ("room", Long * 24)]


x11 = ctypes.CDLL(ctypes.util.find_library("X11") or "libX11.so.6")
x11.XOpenDisplay.restype = Pointer
x11.XInternAtom.argtypes, x11.XInternAtom.restype = [Pointer, ctypes.c_char_p, Int], ULong
x11.XDefaultRootWindow.argtypes, x11.XDefaultRootWindow.restype = [Pointer], ULong
x11.XCreateSimpleWindow.argtypes = [Pointer, ULong, Int, Int, Int, Int, Int, ULong, ULong]
x11.XCreateSimpleWindow.restype = ULong
x11.XSetSelectionOwner.argtypes = [Pointer, ULong, ULong, ULong]
x11.XSendEvent.argtypes = [Pointer, ULong, Int, Long, Pointer]
x11.XChangeProperty.argtypes = [Pointer, ULong, ULong, ULong, Int, Int, ctypes.c_char_p, Int]
x11.XPending.argtypes = [Pointer]
x11.XNextEvent.argtypes = [Pointer, Pointer]
x11.XFlush.argtypes = [Pointer]


class Source:
    def __init__(self, window: int, file: str) -> None:
        self.display = x11.XOpenDisplay(None)
        if not self.display:
            sys.exit("no display")
        self.window = window
        self.content = f"{pathlib.Path(file).as_uri()}\r\n".encode()
        self.own = x11.XCreateSimpleWindow(self.display, x11.XDefaultRootWindow(self.display), 0, 0, 1, 1, 0, 0, 0)
        x11.XSetSelectionOwner(self.display, self.atom("XdndSelection"), self.own, 0)

    def atom(self, name: str) -> int:
        return x11.XInternAtom(self.display, name.encode(), 0)

    def say(self, kind: str, *data: int) -> None:
        event = Event()
        event.message.type, event.message.window, event.message.format = CLIENT_MESSAGE, self.window, 32
        event.message.message_type = self.atom(kind)
        for at, value in enumerate((self.own, *data)):
            event.message.data[at] = value
        x11.XSendEvent(self.display, self.window, 0, 0, ctypes.byref(event))
        x11.XFlush(self.display)

    def hear(self, kind: str, needed: int = 0) -> None:
        """Waits for an answer with these bits, and meanwhile hands the file's name to whoever asks for it."""
        until = time.monotonic() + WITHIN_S
        while time.monotonic() < until:
            if not x11.XPending(self.display):
                time.sleep(0.02)
                continue
            event = Event()
            x11.XNextEvent(self.display, ctypes.byref(event))
            if event.type == SELECTION_REQUEST:
                self.hand_over(event.request)
            elif event.type == CLIENT_MESSAGE and event.message.message_type == self.atom(kind) and event.message.data[1] & needed == needed:
                return
        sys.exit(f"no {kind}")

    def hand_over(self, request: SelectionRequest) -> None:
        known = request.target == self.atom("text/uri-list")
        if known:
            x11.XChangeProperty(self.display, request.requestor, request.property, request.target, 8, 0, self.content, len(self.content))
        event = Event()
        answer = event.answer
        answer.type, answer.requestor, answer.selection = SELECTION_NOTIFY, request.requestor, request.selection
        answer.target, answer.property, answer.time = request.target, request.property if known else 0, request.time
        x11.XSendEvent(self.display, request.requestor, 0, 0, ctypes.byref(event))
        x11.XFlush(self.display)


def main() -> None:
    window, x, y = map(int, sys.argv[1:4])
    source = Source(window, sys.argv[4])
    source.say("XdndEnter", 5 << 24, source.atom("text/uri-list"), 0, 0)
    # It is carried over the window, as a hand does; whoever is below says at last that it may fall there.
    for step in range(5):
        source.say("XdndPosition", 0, (x + step) << 16 | y, 0, source.atom("XdndActionCopy"))
        source.hear("XdndStatus")
        time.sleep(0.1)
    source.say("XdndPosition", 0, x << 16 | y, 0, source.atom("XdndActionCopy"))
    source.hear("XdndStatus", 1)
    source.say("XdndDrop", 0, 0)
    source.hear("XdndFinished")


main()
