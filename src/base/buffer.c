#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

static void reserve(struct buffer *buffer, size_t more) {
        size_t need = buffer->size + more + 1;
        if (need <= buffer->room)
                return;
        size_t room = buffer->room ? buffer->room * 2 : 256;
        while (room < need)
                room *= 2;
        buffer->data = memory_resize(buffer->data, room);
        buffer->room = room;
}

void buffer_clear(struct buffer *buffer) {
        free(buffer->data);
        *buffer = (struct buffer) { 0 };
}

void buffer_append(struct buffer *buffer, const void *data, size_t size) {
        reserve(buffer, size);
        if (size)
                memcpy(buffer->data + buffer->size, data, size);
        buffer->size += size;
        buffer->data[buffer->size] = '\0';
}

void buffer_append_string(struct buffer *buffer, const char *s) {
        buffer_append(buffer, s, strlen(s));
}

void buffer_append_char(struct buffer *buffer, char c) {
        buffer_append(buffer, &c, 1);
}

void buffer_append_format(struct buffer *buffer, const char *format, ...) {
        va_list args, again;
        va_start(args, format);
        va_copy(again, args);
        char none;
        int size = vsnprintf(&none, 0, format, args);
        va_end(args);
        if (size > 0) {
                reserve(buffer, (size_t) size);
                vsnprintf(buffer->data + buffer->size, (size_t) size + 1, format, again);
                buffer->size += (size_t) size;
        }
        va_end(again);
}

char *buffer_take(struct buffer *buffer, size_t *ret_size) {
        reserve(buffer, 0);
        buffer->data[buffer->size] = '\0';
        char *data = buffer->data;
        if (ret_size)
                *ret_size = buffer->size;
        *buffer = (struct buffer) { 0 };
        return data;
}
