#include "http/metrics.h"

#include <inttypes.h>
#include <stdatomic.h>

#include "base/memory.h"
#include "http/router.h"
#include "http/worker.h"

/* Upper bounds of the histogram in microseconds; a last bucket takes the rest. */
static const uint64_t bounds[] = { 1000,   2500,   5000,   10000,   25000,   50000,
                                   100000, 250000, 500000, 1000000, 2500000, 5000000 };

enum { CLASSES = 5 /* 1xx to 5xx */ };

struct row {
        atomic_uint_least64_t by_class[CLASSES];
        atomic_uint_least64_t buckets[ELEMENTS(bounds) + 1];
        atomic_uint_least64_t total_us;
};

struct metrics {
        size_t n_routes;
        atomic_int connections, requests;
        atomic_uint_least64_t reaped;
        struct row rows[]; /* n_routes and one for "none" */
};

struct metrics *metrics_new(size_t n_routes) {
        struct metrics *metrics = memory_new(1, sizeof(*metrics) + (n_routes + 1) * sizeof(metrics->rows[0]));
        metrics->n_routes = n_routes;
        return metrics;
}

void metrics_free(struct metrics *metrics) {
        free(metrics);
}

void metrics_observe(struct metrics *metrics, size_t route, unsigned status, uint64_t duration_us) {
        struct row *row = &metrics->rows[route < metrics->n_routes ? route : metrics->n_routes];
        size_t bucket = 0;
        if (status >= 100 && status < 600)
                atomic_fetch_add_explicit(&row->by_class[status / 100 - 1], 1, memory_order_relaxed);
        while (bucket < ELEMENTS(bounds) && duration_us > bounds[bucket])
                bucket++;
        atomic_fetch_add_explicit(&row->buckets[bucket], 1, memory_order_relaxed);
        atomic_fetch_add_explicit(&row->total_us, duration_us, memory_order_relaxed);
}

void metrics_connections(struct metrics *metrics, int change) {
        atomic_fetch_add_explicit(&metrics->connections, change, memory_order_relaxed);
}

void metrics_requests(struct metrics *metrics, int change) {
        atomic_fetch_add_explicit(&metrics->requests, change, memory_order_relaxed);
}

void metrics_reaped(struct metrics *metrics) {
        atomic_fetch_add_explicit(&metrics->reaped, 1, memory_order_relaxed);
}

static void write_head(struct buffer *out, const char *name, const char *type, const char *help) {
        buffer_append_format(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* Text of a label: method and path of a row hold nothing that needs escaping. */
static void write_label(struct buffer *out, const struct service *service, size_t i) {
        if (i < service->n_routes)
                buffer_append_format(out, "method=\"%s\",route=\"%s\"", method_name(service->routes[i]->method),
                                     service->routes[i]->path);
        else
                buffer_append_string(out, "method=\"none\",route=\"none\"");
}

static void write_requests(const struct service *service, struct buffer *out) {
        write_head(out, "upstander_requests_total", "counter", "Requests answered, by route and class of status.");
        for (size_t i = 0; i <= service->n_routes; i++)
                for (unsigned c = 0; c < CLASSES; c++) {
                        uint64_t n = atomic_load(&service->metrics->rows[i].by_class[c]);
                        if (n == 0)
                                continue;
                        buffer_append_string(out, "upstander_requests_total{");
                        write_label(out, service, i);
                        buffer_append_format(out, ",status=\"%uxx\"} %" PRIu64 "\n", c + 1, n);
                }
}

static void write_durations(const struct service *service, struct buffer *out) {
        write_head(out, "upstander_request_duration_seconds", "histogram", "From the header's arrival to the reply.");
        for (size_t i = 0; i <= service->n_routes; i++) {
                const struct row *row = &service->metrics->rows[i];
                uint64_t n = 0, counts[ELEMENTS(bounds) + 1];
                for (size_t b = 0; b <= ELEMENTS(bounds); b++)
                        n += counts[b] = atomic_load(&row->buckets[b]);
                if (n == 0)
                        continue;
                uint64_t sum = 0;
                for (size_t b = 0; b <= ELEMENTS(bounds); b++) {
                        sum += counts[b];
                        buffer_append_string(out, "upstander_request_duration_seconds_bucket{");
                        write_label(out, service, i);
                        if (b < ELEMENTS(bounds))
                                buffer_append_format(out, ",le=\"%g\"} %" PRIu64 "\n", (double) bounds[b] / 1e6, sum);
                        else
                                buffer_append_format(out, ",le=\"+Inf\"} %" PRIu64 "\n", sum);
                }
                buffer_append_string(out, "upstander_request_duration_seconds_sum{");
                write_label(out, service, i);
                buffer_append_format(out, "} %.6f\nupstander_request_duration_seconds_count{",
                                     (double) atomic_load(&row->total_us) / 1e6);
                write_label(out, service, i);
                buffer_append_format(out, "} %" PRIu64 "\n", sum);
        }
}

static void write_lanes(struct service *service, struct buffer *out) {
        static const char *const lanes[DB_LANE_COUNT] = { [DB_LANE_REQUEST] = "request", [DB_LANE_REPORT] = "report" };
        static const struct {
                const char *name, *type, *help;
        } heads[] = {
                { "upstander_database_steps_total", "counter", "Database steps handed back." },
                { "upstander_database_batches_total", "counter", "Transactions sent." },
                { "upstander_database_replays_total", "counter", "Steps run again alone after a neighbour failed." },
                { "upstander_database_retries_total", "counter",
                  "Steps run again after a serialisation failure or deadlock." },
                { "upstander_database_connection_losses_total", "counter", "Database connections lost." },
                { "upstander_database_rejected_total", "counter", "Steps refused because the lane was full." },
                { "upstander_database_waiting", "gauge", "Steps waiting for a connection." },
                { "upstander_database_connected", "gauge", "Database connections that are up." },
        };
        for (size_t h = 0; h < ELEMENTS(heads); h++) {
                write_head(out, heads[h].name, heads[h].type, heads[h].help);
                for (enum db_lane lane = 0; lane < DB_LANE_COUNT; lane++) {
                        struct executor_figures f;
                        executor_read_figures(service->executor, lane, &f);
                        const uint64_t values[] = { f.steps, f.batches, f.replays, f.retries, f.connection_losses,
                                                    f.rejected, f.waiting, f.connected };
                        buffer_append_format(out, "%s{lane=\"%s\"} %" PRIu64 "\n", heads[h].name, lanes[lane],
                                             values[h]);
                }
        }
}

static void write_figure(struct buffer *out, const char *name, const char *type, const char *help, uint64_t value) {
        write_head(out, name, type, help);
        buffer_append_format(out, "%s %" PRIu64 "\n", name, value);
}

void metrics_write(struct service *service, struct buffer *out) {
        struct metrics *metrics = service->metrics;

        write_requests(service, out);
        write_durations(service, out);
        write_figure(out, "upstander_connections", "gauge", "Open connections of clients.",
                     (uint64_t) atomic_load(&metrics->connections));
        write_figure(out, "upstander_requests_under_way", "gauge", "Requests that have not been answered yet.",
                     (uint64_t) atomic_load(&metrics->requests));
        write_figure(out, "upstander_connections_reaped_total", "counter",
                     "Connections shut because a request did not arrive in time.",
                     atomic_load(&metrics->reaped));
        if (service->worker) {
                struct worker_figures f;
                worker_read_figures(service->worker, &f);
                write_figure(out, "upstander_worker_waiting", "gauge", "Jobs waiting for a worker.", f.waiting);
                write_figure(out, "upstander_worker_running", "gauge", "Jobs being worked on.", f.running);
                write_figure(out, "upstander_worker_done_total", "counter", "Jobs done.", f.done);
                write_figure(out, "upstander_worker_rejected_total", "counter",
                             "Jobs refused because the queue was full.", f.rejected);
        }
        if (service->executor)
                write_lanes(service, out);
}
