"""Small messages are not held back."""

import socket

from ui.server.sockets import send_at_once


def test_accepted_connections_send_at_once():
    with socket.socket() as listening, socket.socket() as bystander:
        bystander.bind(("127.0.0.1", 0))
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        assert not listening.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert send_at_once() >= 1
        assert not bystander.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        with socket.create_connection(listening.getsockname()):
            accepted, _ = listening.accept()
            with accepted:
                assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        listening.getsockname()  # still open: only copies were closed
