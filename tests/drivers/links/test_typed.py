"""Addresses as people type them."""

import ipaddress

from hypothesis import given
from hypothesis import strategies as st

from solbench.drivers.links.typed import as_address

HOSTS = st.one_of(
    st.ip_addresses(v=4).map(str),
    st.from_regex(r"\A[a-z][a-z0-9-]{0,8}(\.[a-z][a-z0-9]{0,5}){1,2}\Z"),
)
PORTS = st.integers(min_value=1, max_value=65535)


@given(HOSTS, PORTS, st.sampled_from(["", "http://", "tcp://", "socket://"]))
def test_a_host_with_a_port_is_a_socket_whatever_stands_before_it(host, port, scheme):
    assert as_address(f" {scheme}{host}:{port} ") == f"socket://{host}:{port}"
    assert as_address(f"{scheme}{host}") == f"socket://{host}:1234"


@given(st.ip_addresses(v=6), PORTS)
def test_an_ipv6_host_is_put_in_brackets(host, port):
    assert as_address(str(host)) == f"socket://[{host}]:1234"
    assert as_address(f"[{host}]:{port}") == f"socket://[{host}]:{port}"
    ipaddress.ip_address(as_address(str(host))[10:-6])


@given(st.text(max_size=30))
def test_what_was_written_out_is_left_as_it_is(typed):
    once = as_address(typed)
    assert as_address(once) == once


def test_ports_of_the_pc_and_what_is_no_host_stay():
    for typed in (
        "COM12",
        "/dev/serial/by-id/usb-Prologix",
        "GPIB0::4::INSTR",
        "gpib1::6",
        "ASRL3::INSTR",
        "two words",
    ):
        assert as_address(typed) == typed
    assert as_address("192.168.1.999") == "192.168.1.999"
    assert as_address("localhost:99999") == "localhost:99999"
