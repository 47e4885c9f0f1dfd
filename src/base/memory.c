#include "base/memory.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { ARENA_BLOCK = 4096, ARENA_ALIGN = 16 };

struct block {
        struct block *next;
        size_t used, size;
        _Alignas(ARENA_ALIGN) unsigned char data[];
};

struct arena {
        struct block *blocks;
};

static _Noreturn void out_of_memory(void) {
        static const char message[] = "{\"level\":\"error\",\"event\":\"out_of_memory\"}\n";
        fwrite(message, 1, sizeof message - 1, stderr);
        abort();
}

void *memory_new(size_t count, size_t size) {
        void *p = calloc(count ? count : 1, size ? size : 1);
        if (!p)
                out_of_memory();
        return p;
}

void *memory_resize(void *p, size_t size) {
        void *q = realloc(p, size ? size : 1);
        if (!q)
                out_of_memory();
        return q;
}

char *memory_copy_string(const char *s) {
        char *copy = s ? strdup(s) : NULL;
        if (s && !copy)
                out_of_memory();
        return copy;
}

void memory_erase(void *p, size_t size) {
        if (p && size)
                explicit_bzero(p, size);
}

struct arena *arena_new(void) {
        return memory_new(1, sizeof(struct arena));
}

void arena_free(struct arena *arena) {
        if (!arena)
                return;
        for (struct block *b = arena->blocks, *next; b; b = next) {
                next = b->next;
                free(b);
        }
        free(arena);
}

void *arena_alloc(struct arena *arena, size_t size) {
        if (size > SIZE_MAX / 2)
                out_of_memory();
        size = (size + ARENA_ALIGN - 1) & ~(size_t) (ARENA_ALIGN - 1);

        struct block *b = arena->blocks;
        if (!b || b->size - b->used < size) {
                size_t room = size > ARENA_BLOCK / 4 ? size : ARENA_BLOCK;
                struct block *fresh = memory_new(1, sizeof *fresh + room);
                fresh->size = room;
                /* A large piece gets a block of its own behind the current one, whose rest stays usable. */
                if (b && room == size) {
                        fresh->next = b->next;
                        b->next = fresh;
                } else {
                        fresh->next = b;
                        arena->blocks = fresh;
                }
                b = fresh;
        }
        void *p = b->data + b->used;
        b->used += size;
        return p;
}

char *arena_copy(struct arena *arena, const void *data, size_t size) {
        char *p = arena_alloc(arena, size + 1);
        if (size)
                memcpy(p, data, size);
        return p;
}

char *arena_string(struct arena *arena, const char *s) {
        return s ? arena_copy(arena, s, strlen(s)) : NULL;
}

char *arena_format(struct arena *arena, const char *format, ...) {
        va_list args, again;
        va_start(args, format);
        va_copy(again, args);
        char none;
        int size = vsnprintf(&none, 0, format, args);
        va_end(args);
        if (size < 0)
                out_of_memory();
        char *p = arena_alloc(arena, (size_t) size + 1);
        vsnprintf(p, (size_t) size + 1, format, again);
        va_end(again);
        return p;
}
