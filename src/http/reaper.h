/* Deadlines of connections, kept by a thread of their own: the library's limit is for silence, and a byte a second is
 * not silence. All that happens to a late connection is shutdown() of its socket; the library then sees its end by
 * itself.
 *
 * A socket is closed by the library only after reaper_remove, which takes the same lock as the look at the list, so
 * that a number that was given out again is never hit. */
#ifndef HTTP_REAPER_H
#define HTTP_REAPER_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/macro.h"
#include "http/metrics.h"

enum reaper_phase {
        REAPER_FRESH,  /* connected, nothing has come */
        REAPER_HEADER, /* the request line has come */
        REAPER_BODY,
        REAPER_BUSY,   /* ours to answer, or being written: the library's own limit holds */
        REAPER_IDLE,   /* between requests */
};

struct reaper_entry {
        struct reaper_entry *next, *before;
        int fd;
        atomic_uint phase;
        atomic_uint_least64_t since_us;
};

struct reaper_limits {
        unsigned header_ms, body_ms, idle_ms;
        unsigned crowded; /* from this many connections on, deadlines are short */
};

struct reaper;
int reaper_start(const struct reaper_limits *limits, struct metrics *metrics, struct reaper **ret_reaper) _must_check_;
void reaper_stop(struct reaper *reaper);

void reaper_add(struct reaper *reaper, struct reaper_entry *entry, int fd);
void reaper_remove(struct reaper *reaper, struct reaper_entry *entry);
void reaper_note(struct reaper_entry *entry, enum reaper_phase phase);

#endif
