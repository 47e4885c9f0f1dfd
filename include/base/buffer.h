/* A growing run of bytes, always followed by a NUL. Start with `= {0}`; release with buffer_clear. */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include "base/macro.h"

struct buffer {
        char *data; /* owned; NULL while empty and never written */
        size_t size, room;
};

void buffer_clear(struct buffer *buffer);
#define _cleanup_buffer_ _cleanup_(buffer_clear)

void buffer_append(struct buffer *buffer, const void *data, size_t size);
void buffer_append_string(struct buffer *buffer, const char *s);
void buffer_append_char(struct buffer *buffer, char c);
void buffer_append_format(struct buffer *buffer, const char *format, ...) _printf_(2, 3);
/* Hands the bytes over (never NULL, NUL behind them; free()) and leaves the buffer empty. */
char *buffer_take(struct buffer *buffer, size_t *ret_size);

#endif
