/* What libmicrohttpd lets through and RFC 9112 does not: the framing of a request, checked before anything else looks
 * at it.
 *
 * The guard knows nothing of the library: the server hands over the header fields as they came, in order, and the
 * method and version. A request that is refused here is answered with `Connection: close`, because after a doubtful
 * frame nobody can say where the next request begins.
 *
 * Two things cannot be seen from here, and a proxy in front refuses them: a raw NUL in a field's value (the library
 * cuts the value there), and a malformed Content-Length (the library answers that itself, twice).
 */
#ifndef HTTP_GUARD_H
#define HTTP_GUARD_H

#include <stdbool.h>
#include <stddef.h>

enum { GUARD_HEADERS_MAX = 64, COOKIE_MAX = 512 /* bytes of one value */ };

struct header {
        const char *name;
        size_t name_size;
        const char *value;
        size_t value_size;
};

struct header_list {
        struct header header[GUARD_HEADERS_MAX];
        size_t n;
        bool overflow; /* there were more */
};

/* NULL when the framing is sound, otherwise the code of the problem to answer with ("bad_host", "bad_framing", ...). */
const char *guard_check(const struct header_list *headers, const char *method, const char *version);

/* The value of a field that may appear once: NULL when absent. *ret_repeated tells of a second one. */
const struct header *header_find(const struct header_list *headers, const char *name, bool *ret_repeated);

/* The value of cookie `name` over all Cookie fields, read by RFC 6265's own grammar. Returns 0 with the value (empty
 * when there is none), or positive when the cookie is there twice, too long or not made of cookie characters. */
int cookie_find(const struct header_list *headers, const char *name, char ret_value[static COOKIE_MAX]);

#endif
