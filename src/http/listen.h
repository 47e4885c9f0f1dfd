/* Listening sockets. */
#ifndef HTTP_LISTEN_H
#define HTTP_LISTEN_H

#include <stdbool.h>
#include <sys/socket.h>

#include "http/peer.h"

/* Non-blocking and listening; the caller's. Negative errno otherwise. */
int listen_address(const char *address, unsigned port, unsigned *ret_port) _must_check_;
/* Replaces a socket that nobody listens on; -EADDRINUSE when somebody does. */
int listen_local(const char *path) _must_check_;

/* False when the address is not an internet address, as with a unix socket. */
bool listen_address_text(const struct sockaddr *address, char ret_text[static PEER_TEXT]);

#endif
