/* Memory: allocation that cannot fail, and an arena for what lives as long as one request. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include "base/macro.h"

/* Zeroed memory, owned by the caller, released with free(). Ends the process when there is none. */
void *memory_new(size_t count, size_t size);
void *memory_resize(void *p, size_t size);
char *memory_copy_string(const char *s);

/* Overwrites a secret in a way the compiler does not remove. */
void memory_erase(void *p, size_t size);

/* An arena owns everything allocated from it and releases it all at once. Not for use by two threads at a time. */
struct arena;
struct arena *arena_new(void);
void arena_free(struct arena *arena);
DEFINE_CLEANUP(struct arena, arena_free);

/* Zeroed, aligned for any type, valid until arena_free. */
void *arena_alloc(struct arena *arena, size_t size);
/* `size` bytes of `data` and a terminating NUL. */
char *arena_copy(struct arena *arena, const void *data, size_t size);
char *arena_string(struct arena *arena, const char *s);
char *arena_format(struct arena *arena, const char *format, ...) _printf_(2, 3);

#endif
