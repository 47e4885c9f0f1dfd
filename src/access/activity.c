#include "access/activity.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "crypto/digest.h"

enum {
        SLOTS = 2 * ACTIVITY_SESSIONS, /* at most half full, so that looking for a place ends soon */
        FLUSH_MOST = 500,              /* sessions in one statement */
};

struct noted {
        unsigned char hash[SHA256_SIZE];
};

/* An open hash set; a hash of zeros marks an empty slot, and SHA-256 does not give one. */
static struct noted slots[SLOTS];
static unsigned n_noted;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static const struct noted empty;

static bool is_empty(const struct noted *noted) {
        return memcmp(noted, &empty, sizeof(empty)) == 0;
}

static void note(const struct noted *noted) {
        size_t at;
        memcpy(&at, noted->hash, sizeof(at));
        pthread_mutex_lock(&lock);
        for (at %= SLOTS; !is_empty(&slots[at]); at = (at + 1) % SLOTS)
                if (memcmp(&slots[at], noted, sizeof(*noted)) == 0) {
                        pthread_mutex_unlock(&lock);
                        return;
                }
        if (n_noted < ACTIVITY_SESSIONS) {
                slots[at] = *noted;
                n_noted++;
        }
        pthread_mutex_unlock(&lock);
}

void session_activity_note(const char *hash) {
        struct noted noted;
        if (hash && hex_decode(hash, sizeof(noted.hash), noted.hash))
                note(&noted);
}

/* Takes everything out of the set; free(). */
static struct noted *take_all(unsigned *ret_n) {
        struct noted *taken = NULL;
        pthread_mutex_lock(&lock);
        unsigned n = 0;
        if (n_noted > 0) {
                taken = memory_new(n_noted, sizeof(*taken));
                for (size_t i = 0; i < SLOTS; i++)
                        if (!is_empty(&slots[i]))
                                taken[n++] = slots[i];
                memset(slots, 0, sizeof(slots));
        }
        n_noted = 0;
        pthread_mutex_unlock(&lock);
        *ret_n = n;
        return taken;
}

static int write_some(struct executor *executor, const struct query *query, const struct noted *noted, unsigned n) {
        _cleanup_buffer_ struct buffer text = { 0 };
        char hex[SHA256_HEX];
        for (unsigned i = 0; i < n; i++) {
                hex_encode(noted[i].hash, sizeof(noted[i].hash), hex);
                buffer_append_format(&text, "%c\"%s\"", i == 0 ? '[' : ',', hex);
        }
        buffer_append_char(&text, ']');
        struct db_step step = { .lane = DB_LANE_REQUEST, .call = { .query = query, .values = { text.data } } };
        int r = executor_run(executor, &step) == 0 && step.result == DB_STEP_DONE ? 0 : -1;
        db_step_release(&step);
        return r;
}

int session_activity_flush(struct executor *executor, const struct query_set *queries) {
        const struct query *query = query_find(queries, "session/touch");
        unsigned n;
        _cleanup_free_ struct noted *noted = take_all(&n);
        int result = 0;

        for (unsigned at = 0; at < n; at += FLUSH_MOST) {
                unsigned some = n - at < FLUSH_MOST ? n - at : FLUSH_MOST;
                if (query && write_some(executor, query, noted + at, some) == 0)
                        continue;
                for (unsigned i = 0; i < some; i++)
                        note(&noted[at + i]);
                result = -1;
        }
        return result;
}
