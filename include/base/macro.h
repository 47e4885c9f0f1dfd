/* Cleanup attributes and ownership macros used everywhere.
 *
 * One owner for everything: a pointer declared `_cleanup_(f)` is released when it goes out of scope, and `TAKE(p)`
 * hands it to another owner. Outputs are named `ret_*` and are untouched on failure. Running out of memory ends the
 * process (every acknowledged write is already in PostgreSQL), so no function reports it.
 */
#ifndef BASE_MACRO_H
#define BASE_MACRO_H

#include <stddef.h>
#include <stdlib.h>

#define _cleanup_(f) __attribute__((cleanup(f)))
#define _printf_(fmt, args) __attribute__((format(printf, fmt, args)))
#define _must_check_ __attribute__((warn_unused_result))
#define ELEMENTS(a) (sizeof(a) / sizeof((a)[0]))

/* The pointer's value; the variable becomes NULL. */
#define TAKE(p) ({ __typeof__(p) _taken = (p); (p) = NULL; _taken; })

/* Defines `type *` cleanup function `name`_p for a NULL-safe `name`. */
#define DEFINE_CLEANUP(type, name) \
        static inline void name##_p(type **p) { name(*p); *p = NULL; } \
        struct _require_semicolon_

static inline void freep(void *p) {
        free(*(void **) p);
        *(void **) p = NULL;
}
#define _cleanup_free_ _cleanup_(freep)

#endif
