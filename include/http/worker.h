/* The worker lane: a bounded queue and a few threads for what computes (passwords, statistics, files), so that nothing
 * of it runs on a poll thread or holds a database connection. */
#ifndef HTTP_WORKER_H
#define HTTP_WORKER_H

#include <stdint.h>

#include "base/macro.h"

struct worker;

struct worker_figures {
        uint64_t done, rejected;
        unsigned waiting, running;
};

int worker_start(unsigned threads, unsigned queue_limit, struct worker **ret_worker) _must_check_;
/* Takes no more, finishes what it has, joins. From then on worker_submit refuses, so that whoever still runs elsewhere
 * may go on asking until worker_free. Once; NULL-safe. */
void worker_close(struct worker *worker);
/* After worker_close, when nobody asks any more. NULL-safe. */
void worker_free(struct worker *worker);

/* Runs `work(data)` on a thread of the lane. 0, or positive when the queue is full or stopping: nothing was taken. */
int worker_submit(struct worker *worker, void (*work)(void *data), void *data) _must_check_;
void worker_read_figures(struct worker *worker, struct worker_figures *ret_figures);

#endif
