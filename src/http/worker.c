#include "http/worker.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>

#include "base/log.h"
#include "base/memory.h"

struct job {
        void (*work)(void *data);
        void *data;
};

struct worker {
        pthread_mutex_t lock;
        pthread_cond_t more;
        bool stopping;
        unsigned first, waiting, room; /* a ring of jobs */
        struct job *jobs;
        struct worker_figures figures;
        unsigned n_threads;
        pthread_t *threads;
};

static void *worker_loop(void *data) {
        struct worker *worker = data;

        pthread_mutex_lock(&worker->lock);
        for (;;) {
                while (worker->waiting == 0 && !worker->stopping)
                        pthread_cond_wait(&worker->more, &worker->lock);
                if (worker->waiting == 0)
                        break;
                struct job job = worker->jobs[worker->first];
                worker->first = (worker->first + 1) % worker->room;
                worker->waiting--;
                worker->figures.running++;
                pthread_mutex_unlock(&worker->lock);
                job.work(job.data);
                log_set_request(NULL);
                pthread_mutex_lock(&worker->lock);
                worker->figures.running--;
                worker->figures.done++;
        }
        pthread_mutex_unlock(&worker->lock);
        return NULL;
}

int worker_start(unsigned threads, unsigned queue_limit, struct worker **ret_worker) {
        struct worker *worker = memory_new(1, sizeof(*worker));

        pthread_mutex_init(&worker->lock, NULL);
        pthread_cond_init(&worker->more, NULL);
        worker->room = queue_limit > 0 ? queue_limit : 1;
        worker->jobs = memory_new(worker->room, sizeof(worker->jobs[0]));
        worker->threads = memory_new(threads, sizeof(worker->threads[0]));
        for (; worker->n_threads < threads; worker->n_threads++) {
                int r = pthread_create(&worker->threads[worker->n_threads], NULL, worker_loop, worker);
                if (r) {
                        worker_close(worker);
                        worker_free(worker);
                        return -r;
                }
        }
        *ret_worker = worker;
        return 0;
}

void worker_close(struct worker *worker) {
        if (!worker)
                return;
        pthread_mutex_lock(&worker->lock);
        worker->stopping = true;
        pthread_cond_broadcast(&worker->more);
        pthread_mutex_unlock(&worker->lock);
        for (unsigned i = 0; i < worker->n_threads; i++)
                pthread_join(worker->threads[i], NULL);
}

void worker_free(struct worker *worker) {
        if (!worker)
                return;
        pthread_cond_destroy(&worker->more);
        pthread_mutex_destroy(&worker->lock);
        free(worker->threads);
        free(worker->jobs);
        free(worker);
}

int worker_submit(struct worker *worker, void (*work)(void *data), void *data) {
        pthread_mutex_lock(&worker->lock);
        bool taken = !worker->stopping && worker->waiting < worker->room;
        if (taken) {
                worker->jobs[(worker->first + worker->waiting++) % worker->room] = (struct job) { work, data };
                pthread_cond_signal(&worker->more);
        } else
                worker->figures.rejected++;
        pthread_mutex_unlock(&worker->lock);
        return taken ? 0 : 1;
}

void worker_read_figures(struct worker *worker, struct worker_figures *ret_figures) {
        pthread_mutex_lock(&worker->lock);
        *ret_figures = worker->figures;
        ret_figures->waiting = worker->waiting;
        pthread_mutex_unlock(&worker->lock);
}
