/* A server of this room alone, without a database: what tests/http/raw talks to.
 *
 *     raw_server [--connections N] [--header-ms N] [--idle-s N] [--socket PATH] [--trusted LIST]
 *
 * Prints "port N" once it listens and stops on SIGTERM. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "http/server.h"
#include "http/target.h"
#include "http/worker.h"

/* What arrived, as JSON, so that a test can see that it arrived whole. */
static enum step_result echo(struct request *request) {
        json_t *body = json_pack("{s:s, s:s, s:O}", "target", request->target, "address", request->address, "parameters",
                                 request->parameters);
        if (request->body)
                json_object_set(body, "body", request->body);
        enum step_result result = reply_json(request, request->method == METHOD_POST ? 201 : 200, body);
        json_decref(body);
        return result;
}

static void count_a_little(struct request *request) {
        usleep(20000);
        request->state = arena_string(request->arena, "done on a worker");
}

static enum step_result begin_work(struct request *request) {
        request->work = count_a_little;
        return STEP_WORK;
}

static enum step_result end_work(struct request *request) {
        json_t *body = json_pack("{s:s}", "work", request->state);
        enum step_result result = reply_json(request, 200, body);
        json_decref(body);
        return result;
}

static enum step_result never(struct request *request) {
        return STEP_FAULT;
}

static enum step_result large(struct request *request) {
        char *data = malloc(1 << 20);
        memset(data, 'x', 1 << 20);
        return reply_bytes(request, 200, "text/plain", data, 1 << 20);
}

static const struct field person[] = {
        { "name", FIELD_LINE, .required = true, .most = 100 },
        { "age", FIELD_INTEGER, .least = 0, .most = 120 },
        { 0 },
};
static const struct field note[] = {
        { "text", FIELD_TEXT, .required = true, .most = 1000, .about = "What happened." },
        { "day", FIELD_DATE },
        { "people", FIELD_OBJECTS, .most = 3, .fields = person },
        { 0 },
};
static const struct body_schema note_body = { "note", note, NULL };

static const struct route routes[] = {
        { METHOD_GET, "/echo", NULL, ROUTE_ANYONE, "Says what arrived.", .prepare = echo },
        { METHOD_GET, "/echo/{name}", NULL, ROUTE_ANYONE, "Says what arrived.", .prepare = echo },
        { METHOD_POST, "/notes", NULL, ROUTE_ANYONE | ROUTE_API_ONLY, "Takes a note.", .body = &note_body, .prepare = echo },
        { METHOD_POST, "/records", NULL, ROUTE_ANYONE | ROUTE_CREATES | ROUTE_API_ONLY, "Makes a record.", .body = &note_body,
          .prepare = echo },
        { METHOD_PUT, "/records/{record}", NULL, ROUTE_ANYONE | ROUTE_VERSIONED | ROUTE_API_ONLY, "Replaces a record.",
          .body = &note_body, .prepare = echo },
        { METHOD_PATCH, "/records/{record}", NULL, ROUTE_ANYONE | ROUTE_API_ONLY, "Changes a record.", .body = &note_body,
          .prepare = echo },
        { METHOD_POST, "/form", NULL, ROUTE_ANYONE | ROUTE_PAGE_ONLY, "Takes a form.", .body = &note_body, .prepare = echo },
        { METHOD_GET, "/work", NULL, ROUTE_ANYONE, "Is done by a worker.", .prepare = begin_work, .finish = end_work },
        { METHOD_GET, "/defect", NULL, ROUTE_ANYONE, "Has a defect.", .prepare = never },
        { METHOD_GET, "/large", NULL, ROUTE_ANYONE, "Is long.", .prepare = large },
        { METHOD_GET, "/private", NULL, ROUTE_SIGNED_IN, "Is for people who are signed in.", .prepare = echo },
};

static unsigned number(const char *text) {
        return (unsigned) strtoul(text, NULL, 10);
}

static void wait_for_end(void) {
        sigset_t set;
        int signal_number;
        sigemptyset(&set);
        sigaddset(&set, SIGTERM);
        sigaddset(&set, SIGINT);
        sigwait(&set, &signal_number);
}

int main(int argc, char **argv) {
        static const struct option names[] = {
                { "connections", 1, NULL, 'c' }, { "header-ms", 1, NULL, 'h' }, { "idle-s", 1, NULL, 'i' },
                { "socket", 1, NULL, 's' },      { "trusted", 1, NULL, 't' },   { 0 },
        };
        struct server_options options = { .address = "127.0.0.1", .poll_threads = 2, .connections = 2048, .header_ms = 2000,
                                          .body_ms = 2000, .idle_s = 30 };
        struct service service = { 0 };
        struct server *server = NULL;
        sigset_t set;
        char *error = NULL;

        for (int c; (c = getopt_long(argc, argv, "", names, NULL)) != -1;)
                switch (c) {
                case 'c': options.connections = number(optarg); break;
                case 'h': options.header_ms = options.body_ms = number(optarg); break;
                case 'i': options.idle_s = number(optarg); break;
                case 's': options.socket = optarg; break;
                case 't': options.trusted = optarg; break;
                default: return 2;
                }
        sigfillset(&set);
        pthread_sigmask(SIG_BLOCK, &set, NULL);
        log_set_level(LOG_LEVEL_WARNING);
        if (service_prepare(&service, routes, ELEMENTS(routes), &error) < 0) {
                fprintf(stderr, "%s\n", error);
                return 1;
        }
        if (worker_start(2, 8, &service.worker) < 0 || server_start(&options, &service, &server) < 0)
                return 1;
        printf("port %u\n", server_port(server));
        fflush(stdout);
        wait_for_end();
        unsigned left = server_drain(server, 5000);
        worker_close(service.worker);
        server_stop(server);
        worker_free(service.worker);
        service_clear(&service);
        return left > 0;
}
