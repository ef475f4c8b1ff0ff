"""Addresses as people type them: what is plain to a person is written out for the links."""

import ipaddress
import re

PROLOGIX_PORT = 1234  # on which Prologix GPIB-Ethernet adapters, and those that speak like them, listen
_SERIAL = re.compile(r"COM\d+|tty\w+|cu\.\S+", re.IGNORECASE)
_VISA = re.compile(r"(GPIB|ASRL|TCPIP|USB|VXI|PXI)\d*(::|$)", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9]([a-z0-9_.-]*[a-z0-9])?", re.IGNORECASE)


def as_address(typed: str) -> str:
    """Return the address that is meant by `typed`; what is none that is known comes back as it was.

    A host, with or without a port, is a network adapter; 1234 is the port of those.

    >>> [as_address(typed) for typed in ("192.168.1.5", "localhost:1300", "com3", "ttyUSB0", "bench-pc")]
    ['socket://192.168.1.5:1234', 'socket://localhost:1300', 'COM3', '/dev/ttyUSB0', 'socket://bench-pc:1234']
    >>> [as_address(typed) for typed in ("socket://10.0.0.2:1234", "/dev/ttyS1", "GPIB0::4::INSTR", "::1", " ")]
    ['socket://10.0.0.2:1234', '/dev/ttyS1', 'GPIB0::4::INSTR', 'socket://[::1]:1234', '']
    """
    text = typed.strip()
    scheme, separator, rest = text.partition("://")
    if separator:
        is_network = scheme.lower() in ("http", "https", "tcp", "telnet", "socket")
        return _network(rest.rstrip("/")) or text if is_network else text
    if text.startswith(("/", "\\\\.\\")) or _VISA.match(text):
        return text
    if _SERIAL.fullmatch(text):
        return text.upper() if text.upper().startswith("COM") else f"/dev/{text}"
    return _network(text) or text


def is_host(name: str) -> bool:
    """Say whether a look-up takes a name: no part between its dots is empty or longer than 63 characters.

    >>> [is_host(name) for name in ("bench-pc", "10.0.0.2", "::1", "adapter..lab", 64 * "a", "")]
    [True, True, True, False, False, False]
    """
    try:
        name.encode("idna")
    except UnicodeError:
        return False
    return bool(name) and "\0" not in name


def _network(text: str) -> str:
    """Return a host, with a port or without, as the address of an adapter; "" where it is none."""
    bare = text.strip("[]")
    if _is_ip(bare):
        return f"socket://{_bracketed(bare)}:{PROLOGIX_PORT}"
    host, _, port = text.rpartition(":")
    if not port.isdecimal():
        host, port = text, str(PROLOGIX_PORT)
    host = host.strip("[]")
    is_port = 0 < int(port) < 65536
    known = _is_ip(host) or (_HOST.fullmatch(host) is not None and not host.replace(".", "").isdecimal())
    return f"socket://{_bracketed(host)}:{port}" if known and is_port else ""


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
