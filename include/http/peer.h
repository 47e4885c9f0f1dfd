/* Who is at the other end: the client's address by a trusted proxy's word, and how many requests it has under way. */
#ifndef HTTP_PEER_H
#define HTTP_PEER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/macro.h"

enum { PEER_TEXT = 46 /* INET6_ADDRSTRLEN */, PEER_TRUSTED_MAX = 16 };

struct trusted {
        char address[PEER_TRUSTED_MAX][PEER_TEXT];
        size_t n;
};

/* Reads addresses parted by commas. 0, or negative when one is not an address or there are too many. */
int trusted_parse(const char *text, struct trusted *ret_trusted) _must_check_;

/* The client: the socket's address (NULL for a unix socket, which is trusted), or, from a trusted one, the last entry
 * of X-Forwarded-For that is not itself trusted. `forwarded` is the field's value, `size` bytes, or NULL. Whatever is
 * not an address ends the search at the last good one. */
void peer_address(const struct trusted *trusted, const char *socket_address, const char *forwarded, size_t size,
                  char ret_address[static PEER_TEXT]);

struct crowd; /* requests under way, by address */
struct crowd *crowd_new(unsigned most);
void crowd_free(struct crowd *crowd);
/* Counts one more; false when the address has `most` under way already. */
bool crowd_enter(struct crowd *crowd, const char *address);
void crowd_leave(struct crowd *crowd, const char *address);

#endif
