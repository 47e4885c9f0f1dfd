#include "lane.h"

#include <string.h>
#include <time.h>

void lane_init(struct lane *lane, unsigned limit, unsigned usual) {
        pthread_condattr_t monotonic;
        *lane = (struct lane) { .limit = limit, .usual = usual };
        pthread_mutex_init(&lane->lock, NULL);
        pthread_condattr_init(&monotonic);
        pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
        pthread_cond_init(&lane->work, &monotonic);
        pthread_cond_init(&lane->closed, &monotonic);
        pthread_condattr_destroy(&monotonic);
}

void lane_clear(struct lane *lane) {
        pthread_cond_destroy(&lane->closed);
        pthread_cond_destroy(&lane->work);
        pthread_mutex_destroy(&lane->lock);
}

/* With the lock held. */
static void wait_for(struct lane *lane, pthread_cond_t *what, unsigned milliseconds) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += milliseconds / 1000;
        until.tv_nsec += (long) (milliseconds % 1000) * 1000000;
        if (until.tv_nsec >= 1000000000) {
                until.tv_sec++;
                until.tv_nsec -= 1000000000;
        }
        pthread_cond_timedwait(what, &lane->lock, &until);
}

static void queue_push(struct queue *queue, struct db_step *step) {
        step->next = NULL;
        *(queue->last ? &queue->last->next : &queue->first) = step;
        queue->last = step;
        queue->n_steps++;
}

static struct db_step *queue_pop(struct queue *queue) {
        struct db_step *step = queue->first;
        queue->first = step->next;
        if (!queue->first)
                queue->last = NULL;
        queue->n_steps--;
        step->next = NULL;
        return step;
}

static size_t count_bytes(const struct db_call *call) {
        size_t bytes = 0;
        for (unsigned i = 0; call->query && i < call->query->n_parameters; i++)
                bytes += call->values[i] ? strlen(call->values[i]) : 0;
        return bytes;
}

int lane_put(struct lane *lane, struct db_step *step) {
        /* Without a context of its own it would run under its neighbour's. */
        bool alone = step->call.query->alone || !step->context.query;
        step->bytes = count_bytes(&step->context) + count_bytes(&step->call);
        step->attempts = 0;
        step->started_us = step->finished_us = 0;
        step->queued_us = connection_now_us();

        pthread_mutex_lock(&lane->lock);
        bool refused = lane->closing || lane->batched.n_steps + lane->alone.n_steps >= lane->limit;
        if (refused)
                lane->figures.rejected++;
        else {
                step->ticket = ++lane->last_ticket;
                queue_push(alone ? &lane->alone : &lane->batched, step);
                if (lane->idle && lane->busy < lane->usual)
                        pthread_cond_signal(&lane->work);
        }
        pthread_mutex_unlock(&lane->lock);
        return refused;
}

/* With the lock held. The step that has waited longest, or NULL. */
static const struct db_step *oldest(const struct lane *lane) {
        const struct db_step *batched = lane->batched.first, *alone = lane->alone.first;
        return !batched || (alone && alone->ticket < batched->ticket) ? alone : batched;
}

/* With the lock held. A worker more than usual would only take the processors from those that are busy, unless these are held up. */
static bool may_take(const struct lane *lane) {
        const struct db_step *step = oldest(lane);
        return step && (lane->busy < lane->usual || connection_now_us() - step->queued_us >= LANE_PATIENCE_MS * 1000ULL);
}

void lane_wait(struct lane *lane) {
        pthread_mutex_lock(&lane->lock);
        if (!may_take(lane) && !lane->closing) {
                lane->idle++;
                wait_for(lane, &lane->work, LANE_PATIENCE_MS); /* nobody is woken because a step has waited long */
                lane->idle--;
        }
        pthread_mutex_unlock(&lane->lock);
}

/* With the lock held. While other workers are idle nobody takes what one of them could begin with at once. */
static unsigned take_share(struct lane *lane, struct db_step **ret_steps) {
        unsigned waiting = lane->batched.n_steps + lane->alone.n_steps, workers = lane->idle + 1, n = 0;
        unsigned free = lane->busy < lane->usual ? lane->usual - lane->busy : 1;
        workers = workers < free ? workers : free;
        unsigned share = (waiting + workers - 1) / workers;
        size_t bytes = 0;
        if (oldest(lane) == lane->alone.first) {
                ret_steps[0] = queue_pop(&lane->alone);
                return 1;
        }
        while (n < share && n < EXECUTOR_BATCH && lane->batched.first) {
                bytes += lane->batched.first->bytes;
                if (n && bytes > EXECUTOR_BATCH_BYTES)
                        break;
                ret_steps[n++] = queue_pop(&lane->batched);
        }
        return n;
}

unsigned lane_take(struct lane *lane, struct db_step *ret_steps[static EXECUTOR_BATCH]) {
        pthread_mutex_lock(&lane->lock);
        unsigned n = may_take(lane) || (lane->closing && oldest(lane)) ? take_share(lane, ret_steps) : 0;
        lane->busy += n > 0;
        /* Whoever should have had the rest may have been woken too early, or not at all while this one was busy. */
        if (oldest(lane) && lane->idle && lane->busy < lane->usual)
                pthread_cond_signal(&lane->work);
        pthread_mutex_unlock(&lane->lock);
        return n;
}

void lane_done(struct lane *lane) {
        pthread_mutex_lock(&lane->lock);
        lane->busy--;
        pthread_mutex_unlock(&lane->lock);
}

static struct db_step *take_queued_before(struct queue *queue, uint64_t before_us, struct db_step *list) {
        while (queue->first && queue->first->queued_us < before_us) {
                struct db_step *step = queue_pop(queue);
                step->next = list;
                list = step;
        }
        return list;
}

struct db_step *lane_take_overdue(struct lane *lane, uint64_t before_us) {
        struct db_step *list = NULL;
        pthread_mutex_lock(&lane->lock);
        if (!lane->figures.connected) {
                list = take_queued_before(&lane->batched, before_us, list);
                list = take_queued_before(&lane->alone, before_us, list);
        }
        pthread_mutex_unlock(&lane->lock);
        return list;
}

void lane_close(struct lane *lane) {
        pthread_mutex_lock(&lane->lock);
        lane->closing = true;
        pthread_cond_broadcast(&lane->work);
        pthread_cond_broadcast(&lane->closed);
        pthread_mutex_unlock(&lane->lock);
}

bool lane_is_over(struct lane *lane, bool can_serve) {
        pthread_mutex_lock(&lane->lock);
        bool over = lane->closing && (!can_serve || (!lane->batched.first && !lane->alone.first));
        pthread_mutex_unlock(&lane->lock);
        return over;
}

void lane_pause(struct lane *lane, unsigned milliseconds) {
        pthread_mutex_lock(&lane->lock);
        if (!lane->closing)
                wait_for(lane, &lane->closed, milliseconds);
        pthread_mutex_unlock(&lane->lock);
}

void lane_add_connection(struct lane *lane) {
        pthread_mutex_lock(&lane->lock);
        lane->figures.connected++;
        pthread_mutex_unlock(&lane->lock);
}

void lane_remove_connection(struct lane *lane, bool lost) {
        pthread_mutex_lock(&lane->lock);
        lane->figures.connected--;
        lane->figures.connection_losses += lost;
        pthread_mutex_unlock(&lane->lock);
}

void lane_count(struct lane *lane, uint64_t steps, uint64_t batches, uint64_t replays, uint64_t retries) {
        pthread_mutex_lock(&lane->lock);
        lane->figures.steps += steps;
        lane->figures.batches += batches;
        lane->figures.replays += replays;
        lane->figures.retries += retries;
        pthread_mutex_unlock(&lane->lock);
}

void lane_read_figures(struct lane *lane, struct executor_figures *ret_figures) {
        pthread_mutex_lock(&lane->lock);
        *ret_figures = lane->figures;
        ret_figures->waiting = lane->batched.n_steps + lane->alone.n_steps;
        pthread_mutex_unlock(&lane->lock);
}
