/* The request target, read from the raw bytes of the request line: path segments and query arguments, strictly
 * percent-decoded. The library's own decoding cuts at %00 and joins what was kept apart, so it is not used.
 *
 * Refused as "bad_target": anything but origin-form, an empty or dot segment within the path (`//`, `.`, `..`, also
 * when percent-encoded), an encoded slash, backslash or control character, characters that RFC 3986 does not allow
 * bare, broken percent-encoding, and text that is not UTF-8 once decoded. A query argument given twice is
 * "repeated_argument".
 */
#ifndef HTTP_TARGET_H
#define HTTP_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"

enum { TARGET_MAX = 4096, TARGET_SEGMENTS_MAX = 16, TARGET_ARGUMENTS_MAX = 32 };

struct target_argument {
        const char *name, *value; /* decoded; an argument without `=` has an empty value */
};

struct target {
        const char *path;  /* as it was given, without the query */
        const char *query; /* as it was given, without the `?`; "" when there is none */
        const char *segments[TARGET_SEGMENTS_MAX]; /* decoded; a path that ends in a slash has an empty last segment */
        size_t n_segments;                         /* 0 for "/" */
        struct target_argument arguments[TARGET_ARGUMENTS_MAX];
        size_t n_arguments;
};

/* NULL with *ret_target filled, texts in the arena; otherwise the problem's code and *ret_target is of no use. */
const char *target_parse(struct arena *arena, const char *raw, struct target *ret_target);
/* A query string alone, as it stands behind the `?`: fills arguments and query. */
const char *target_parse_query(struct arena *arena, const char *query, struct target *ret_target);
/* Whether the first segments are /api/v1, however they were written. */
bool target_is_api(const struct target *target);
/* NULL when there is no such argument. */
const char *target_argument(const struct target *target, const char *name);

/* Decodes one name or value of a query string or form, `+` being a space. NULL when it is broken, is not UTF-8, or
 * holds a control character other than those in `allowed`. */
char *target_decode(struct arena *arena, const char *text, size_t size, const char *allowed);

/* Whether the bytes are UTF-8 as RFC 3629 has it: no overlong form, no surrogate, nothing above U+10FFFF. */
bool utf8_is_valid(const char *s, size_t size);

struct buffer;
/* Appends the text with everything but unreserved characters percent-encoded. */
void target_encode(struct buffer *out, const char *text);

#endif
