#include "reaper.h"

#include <pthread.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <time.h>

#include "base/memory.h"
#include "internal.h"

enum { LOOK_EVERY_MS = 250, CROWDED_MS = 2000 };

struct reaper {
        struct reaper_limits limits;
        struct metrics *metrics;
        pthread_mutex_t lock;
        pthread_cond_t wake;
        bool stopping;
        unsigned n;
        struct reaper_entry *first;
        pthread_t thread;
};

/* In microseconds; 0: none. */
static uint64_t allowed(const struct reaper *reaper, enum reaper_phase phase) {
        const unsigned by_phase[] = {
                [REAPER_FRESH] = reaper->limits.header_ms, [REAPER_HEADER] = reaper->limits.header_ms,
                [REAPER_BODY] = reaper->limits.body_ms, [REAPER_BUSY] = 0, [REAPER_IDLE] = reaper->limits.idle_ms,
        };
        unsigned ms = by_phase[phase];
        if (ms > CROWDED_MS && reaper->n >= reaper->limits.crowded)
                ms = CROWDED_MS;
        return (uint64_t) ms * 1000;
}

static void look(struct reaper *reaper) {
        uint64_t now = clock_us();
        for (struct reaper_entry *entry = reaper->first; entry; entry = entry->next) {
                /* The time is written before the phase: read the other way round, a fresh phase never meets an old
                 * time. */
                uint64_t limit = allowed(reaper, atomic_load(&entry->phase));
                uint64_t since = atomic_load(&entry->since_us);
                if (!limit || now < since + limit)
                        continue;
                shutdown(entry->fd, SHUT_RDWR);
                metrics_reaped(reaper->metrics);
                reaper_note(entry, REAPER_BUSY); /* once is enough */
        }
}

static void *reaper_loop(void *data) {
        struct reaper *reaper = data;
        struct timespec until;

        pthread_mutex_lock(&reaper->lock);
        while (!reaper->stopping) {
                look(reaper);
                clock_gettime(CLOCK_REALTIME, &until);
                until.tv_nsec += LOOK_EVERY_MS * 1000000L;
                if (until.tv_nsec >= 1000000000)
                        until.tv_sec++, until.tv_nsec -= 1000000000;
                pthread_cond_timedwait(&reaper->wake, &reaper->lock, &until);
        }
        pthread_mutex_unlock(&reaper->lock);
        return NULL;
}

int reaper_start(const struct reaper_limits *limits, struct metrics *metrics, struct reaper **ret_reaper) {
        struct reaper *reaper = memory_new(1, sizeof(*reaper));
        reaper->limits = *limits;
        reaper->metrics = metrics;
        pthread_mutex_init(&reaper->lock, NULL);
        pthread_cond_init(&reaper->wake, NULL);
        int r = pthread_create(&reaper->thread, NULL, reaper_loop, reaper);
        if (r) {
                free(reaper);
                return -r;
        }
        *ret_reaper = reaper;
        return 0;
}

void reaper_stop(struct reaper *reaper) {
        if (!reaper)
                return;
        pthread_mutex_lock(&reaper->lock);
        reaper->stopping = true;
        pthread_cond_signal(&reaper->wake);
        pthread_mutex_unlock(&reaper->lock);
        pthread_join(reaper->thread, NULL);
        pthread_cond_destroy(&reaper->wake);
        pthread_mutex_destroy(&reaper->lock);
        free(reaper);
}

void reaper_note(struct reaper_entry *entry, enum reaper_phase phase) {
        atomic_store(&entry->since_us, clock_us());
        atomic_store(&entry->phase, phase);
}

void reaper_add(struct reaper *reaper, struct reaper_entry *entry, int fd) {
        entry->fd = fd;
        reaper_note(entry, REAPER_FRESH);
        pthread_mutex_lock(&reaper->lock);
        entry->next = reaper->first;
        if (entry->next)
                entry->next->before = entry;
        reaper->first = entry;
        reaper->n++;
        pthread_mutex_unlock(&reaper->lock);
}

void reaper_remove(struct reaper *reaper, struct reaper_entry *entry) {
        pthread_mutex_lock(&reaper->lock);
        if (entry->next)
                entry->next->before = entry->before;
        if (entry->before)
                entry->before->next = entry->next;
        else
                reaper->first = entry->next;
        reaper->n--;
        pthread_mutex_unlock(&reaper->lock);
}
