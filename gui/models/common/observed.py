"""Values that tell others when they change, without Qt."""

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
Forget = Callable[[], None]


class Observers:
    """A list of callbacks; calling it calls them in the order of their subscription."""

    def __init__(self) -> None:
        self._callbacks: list[Callable[..., None]] = []

    def subscribe(self, callback: Callable[..., None]) -> Forget:
        """Add a callback; returns what takes it away again."""
        self._callbacks.append(callback)

        def forget() -> None:
            if callback in self._callbacks:
                self._callbacks.remove(callback)

        return forget

    def __call__(self, *arguments: object, unless: Callable[[], bool] = lambda: False) -> None:
        """Call everybody who subscribed; no more of them once `unless` says that it is out of date."""
        for callback in tuple(self._callbacks):
            if unless():
                return
            callback(*arguments)


class Observed(Generic[T]):
    """A value; `subscribe` calls back with the new one whenever it is set to another."""

    def __init__(self, value: T) -> None:
        self._value = value
        self._observers = Observers()

    @property
    def value(self) -> T:
        """Get the present value."""
        return self._value

    def set(self, value: T) -> None:
        """Set the value and tell the observers if it is another one.

        An observer may set yet another: all are told of that at once, and of the one before nobody any more.
        """
        if value is self._value or (type(value) is type(self._value) and value == self._value):
            return
        self._value = value
        self._observers(value, unless=lambda: self._value is not value)

    def subscribe(self, callback: Callable[[T], None]) -> Forget:
        """Call back on every change; returns what takes the callback away again."""
        return self._observers.subscribe(callback)
