/* The waiting steps of one lane and the threads that serve it. */
#ifndef SRC_DB_LANE_H
#define SRC_DB_LANE_H

#include <pthread.h>

#include "connection.h"
#include "db/executor.h"

struct queue {
        struct db_step *first, *last;
        unsigned n_steps;
};

enum { LANE_PATIENCE_MS = 50 };

struct lane {
        pthread_mutex_t lock;
        pthread_cond_t work; /* a step has come, or the lane closes; waited on by workers with a connection */
        pthread_cond_t closed;
        struct queue batched, alone; /* each in order of arrival */
        uint64_t last_ticket;
        unsigned limit;
        unsigned idle; /* workers waiting on `work` */
        unsigned usual, busy; /* workers that are meant to be busy at once, and that are */
        bool closing;
        struct executor_figures figures; /* `waiting` is counted from the queues */
};

/* `usual` workers of a lane serve it; the others wait until a step has waited LANE_PATIENCE_MS for one of those. */
void lane_init(struct lane *lane, unsigned limit, unsigned usual);
void lane_clear(struct lane *lane);

/* 0, or positive when the lane is full or closing. */
int lane_put(struct lane *lane, struct db_step *step);
/* Waits until there is work, the lane closes or a moment has passed. */
void lane_wait(struct lane *lane);
/* What one transaction should hold, oldest first; 0 when nothing waits for this worker. What was taken is ended by lane_done. */
unsigned lane_take(struct lane *lane, struct db_step *ret_steps[static EXECUTOR_BATCH]);
void lane_done(struct lane *lane);
/* All steps queued before `before_us`, as a list by `next`, if no connection is up. */
struct db_step *lane_take_overdue(struct lane *lane, uint64_t before_us);

void lane_close(struct lane *lane);
/* Whether a worker has nothing more to do: the lane closes and its queue is empty, or cannot be served. */
bool lane_is_over(struct lane *lane, bool can_serve);
/* Sleeps, but not past the closing of the lane. */
void lane_pause(struct lane *lane, unsigned milliseconds);
void lane_add_connection(struct lane *lane);
void lane_remove_connection(struct lane *lane, bool lost);
void lane_count(struct lane *lane, uint64_t steps, uint64_t batches, uint64_t replays, uint64_t retries);
void lane_read_figures(struct lane *lane, struct executor_figures *ret_figures);

#endif
