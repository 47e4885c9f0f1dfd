/* Buffers for what should not outlive its use. Growing a buffer can leave a copy behind in the heap; this keeps the
 * secret's life short and promises no more. */
#ifndef CRYPTO_SECRET_H
#define CRYPTO_SECRET_H

#include "base/buffer.h"
#include "base/memory.h"

static inline void buffer_erase(struct buffer *buffer) {
        memory_erase(buffer->data, buffer->room);
        buffer_clear(buffer);
}
#define _cleanup_secret_ _cleanup_(buffer_erase)

#endif
