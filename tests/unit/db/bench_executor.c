/* What batching is worth: the same small addition, batched and one by one, in alternating rounds on one durable
 * database.
 *
 *     bench_executor [clients [connections [seconds per round]]]
 */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "support.h"

enum { CLIENTS_MOST = 512, ROUNDS = 5 };

static struct executor *executor;
static _Atomic bool running;
static _Atomic unsigned n_finished, n_active, n_bad;

/* A client sends its next request when it has its answer. */
static void next(struct db_step *step) {
        struct call *call = step->owner;
        n_bad += step->result != DB_STEP_DONE || !call_is_own(call);
        db_step_release(step);
        n_finished++;
        if (!running || executor_submit(executor, step))
                n_active--;
}

static double run_round(const char *query, unsigned clients, double seconds, double *ret_batch) {
        static struct call calls[CLIENTS_MOST];
        struct executor_figures before, after;
        executor_read_figures(executor, DB_LANE_REQUEST, &before);
        running = true;
        n_finished = 0;
        n_active = clients;
        for (unsigned i = 0; i < clients; i++) {
                call_make(&calls[i], "ada", query, NULL, "bench");
                calls[i].step.done = next;
                call_submit(executor, &calls[i]);
        }
        double begin = support_now();
        usleep((useconds_t) (seconds * 1e6));
        double rate = n_finished / (support_now() - begin);
        running = false;
        while (n_active)
                usleep(1000);
        executor_read_figures(executor, DB_LANE_REQUEST, &after);
        *ret_batch = (double) (after.steps - before.steps) / (double) (after.batches - before.batches);
        return rate;
}

int main(int argc, char **argv) {
        unsigned clients = argc > 1 ? (unsigned) atoi(argv[1]) : 64,
                 connections = argc > 2 ? (unsigned) atoi(argv[2]) : 4;
        double seconds = argc > 3 ? atof(argv[3]) : 2;
        if (clients < 1 || clients > CLIENTS_MOST || support_begin_durable(NULL) != 0)
                return 1;
        executor = support_executor(connections);
        for (int i = 0; i < ROUNDS; i++) {
                double batch, single;
                double batched = run_round("thing/add", clients, seconds, &batch);
                double alone = run_round("thing/add_alone", clients, seconds, &single);
                printf("%u clients, %u connections: batched %.0f/s (%.1f a batch), one by one %.0f/s, ratio %.2f\n",
                       clients, connections, batched, batch, alone, batched / alone);
                fflush(stdout);
        }
        executor_stop(executor);
        support_end(NULL);
        return n_bad != 0;
}
