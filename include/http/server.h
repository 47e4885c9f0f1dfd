/* The server: sockets, connections and time limits; the only part that knows libmicrohttpd.
 *
 * Poll threads read requests and write replies and never wait: a request that needs the database or a worker suspends
 * its connection and is resumed exactly once, when its reply is complete. The library learns of a client that went away
 * only then, so a request outlives its client safely.
 *
 * The library's own time limit is for silence, and a byte a second is not silence. So a thread of ours shuts the socket
 * of any connection whose header or body has not arrived by its deadline; shutting a socket is all it does, the library
 * then sees the end of it by itself. When seven eighths of the connections are in use, deadlines become short.
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "base/macro.h"
#include "http/service.h"

struct server;

struct server_options {
        const char *address; /* IPv4 or IPv6 */
        unsigned port;       /* 0: any free one, see server_port */
        const char *socket;  /* path of a unix socket instead, NULL or "" for none; mode 0660 */
        unsigned poll_threads;
        unsigned connections;        /* open at once */
        unsigned address_requests;   /* under way at once from one client address; 0: no limit */
        unsigned header_ms, body_ms; /* from the first byte on */
        unsigned idle_s;
        const char *trusted; /* exact addresses, parted by commas, whose X-Forwarded-For is believed; the unix socket's
                                is */
};

/* The options that the settings ask for. */
struct server_options server_options_of(const struct settings *settings);

/* Listens and serves. `service` is borrowed. 0, or negative errno with a line logged. */
int server_start(const struct server_options *options, struct service *service,
                 struct server **ret_server) _must_check_;
unsigned server_port(const struct server *server);
/* Stops listening and lets what is under way finish, for at most `timeout_ms`. The number of requests still under
 * way. */
unsigned server_drain(struct server *server, unsigned timeout_ms);
/* Ends all connections. Requests under way must have been finished first: close the executor and the worker lane after
 * server_drain and before this, and free them after it, for a body that arrives late still asks them. NULL-safe. */
void server_stop(struct server *server);

#endif
