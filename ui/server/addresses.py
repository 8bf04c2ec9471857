"""Where a reader comes from, as bounds per address count it.

Directly, it is the other end of the websocket. Behind a proxy that would be the proxy for everybody, so uvicorn takes
the last entry of `X-Forwarded-For` instead, but only if the connection comes from an address that the environment
variable `FORWARDED_ALLOW_IPS` names (this machine, if it is not set): what a stranger writes there counts for nothing.
"""

from __future__ import annotations

import ipaddress

import streamlit as st

KEY = "addresses.mine"


def network_of(host: str | None) -> str:
    """The IPv4 address, or the /64 of an IPv6 address, which is what one household or one machine gets; "" for this machine.

    >>> network_of("203.0.113.7"), network_of("::ffff:203.0.113.7")
    ('203.0.113.7', '203.0.113.7')
    >>> network_of("2001:db8:1:2:3:4:5:6") == network_of("2001:db8:1:2::9")
    True
    """
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            return str(ipaddress.IPv6Network((int(address), 64), strict=False))
        address = address.ipv4_mapped  # how a socket for both kinds names an IPv4 address
    return str(address)


def mine() -> str:
    """The network of this session's reader, as it was when first asked for."""
    network: str = st.session_state.setdefault(KEY, network_of(st.context.ip_address))
    return network
