/* upstander serve: puts everything together, answers requests until SIGTERM or SIGINT, and takes it apart again. */

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "access/activity.h"
#include "base/log.h"
#include "base/uuid.h"
#include "command.h"
#include "frame.h"
#include "crypto/keyring.h"
#include "db/executor.h"
#include "db/migrate.h"
#include "http/server.h"
#include "http/service.h"
#include "http/worker.h"
#include "incident/draft.h"
#include "job/job.h"
#include "ready.h"
#include "routes.h"
#include "stop.h"

enum {
        DRAIN_MS = 20000,        /* for requests that are under way when we are told to stop */
        DATABASE_WAIT_S = 60,    /* for the database at start */
        FILES_BESIDE = 128,      /* open files besides the clients' connections */
        WORKER_QUEUE = 64,
};

/* Everything that serve owns. Zero is nothing; serving_clear releases in the order that the rooms ask for. */
struct serving {
        struct service service;
        struct keyring *keyring;
        struct query_set *queries;
        struct template_set *templates;
        struct server *server;
        struct jobs *jobs;
        struct buffer missing; /* what must be in place before the first record, in words */
};

/* Sessions that were used are noted in this process's memory, so it is this process that writes them. */
static void flush_activity(struct serving *serving) {
        if (session_activity_flush(serving->service.executor, serving->queries) < 0)
                log_warning("session_activity_not_written");
}

/* Now and then. The code lists are read again, so that a code or an organisation that was added is offered without a restart. */
static void keep_up(void *data) {
        struct serving *serving = data;
        flush_activity(serving);
        if (service_read_codes(&serving->service) != 0)
                log_warning("codes_not_read");
}

static void serving_clear(struct serving *serving) {
        if (serving->server) {
                atomic_store(&serving->service.draining, true);
                unsigned left = server_drain(serving->server, DRAIN_MS);
                if (left > 0)
                        log_warning("drain_incomplete", "requests", log_number(left));
                flush_activity(serving);
        }
        jobs_stop(serving->jobs);
        /* A step may end in work, work in a step, and a late body in either: all ask until everybody has been joined. */
        executor_close(serving->service.executor);
        worker_close(serving->service.worker);
        server_stop(serving->server);
        executor_free(serving->service.executor);
        worker_free(serving->service.worker);
        service_clear(&serving->service);
        template_set_free(serving->templates);
        query_set_free(serving->queries);
        keyring_free(serving->keyring);
        buffer_clear(&serving->missing);
}

/* A file that is not there is only noted, so that it can be named together with everything else that is missing. */
static int load_keyring(const struct settings *settings, struct serving *serving) {
        static const char credential[] = "credential:";
        const char *path = settings_text(settings, SETTING_KEY_FILE);
        struct keyring_fault fault = { 0 };
        int r = strncmp(path, credential, sizeof credential - 1) == 0
                        ? keyring_load_credential(path + sizeof credential - 1, &serving->keyring, &fault)
                        : keyring_load(path, &serving->keyring, &fault);
        if (r == -ENOENT) {
                buffer_append_format(&serving->missing, "\nThere is no key to seal records with: %s does not exist. Make it:\n"
                                     "    upstander admin key make\n", path);
                return 0;
        }
        if (r < 0)
                return command_failed("the keys in %s cannot be used: line %u: %s", path, fault.line,
                                      fault.reason ? fault.reason : strerror(-r));
        if (!keyring_is_locked(serving->keyring))
                log_warning("keys_not_locked_in_memory");
        return 0;
}

/* Each connection is an open file. */
static int raise_file_limit(const struct settings *settings) {
        const rlim_t wanted = (rlim_t) settings_integer(settings, SETTING_HTTP_CONNECTIONS) + FILES_BESIDE;
        struct rlimit limit;
        getrlimit(RLIMIT_NOFILE, &limit);
        if (limit.rlim_max < wanted)
                return command_failed("http.connections needs %llu open files and the system allows %llu (LimitNOFILE)",
                                      (unsigned long long) wanted, (unsigned long long) limit.rlim_max);
        if (limit.rlim_cur < wanted) {
                limit.rlim_cur = wanted;
                setrlimit(RLIMIT_NOFILE, &limit);
        }
        return 0;
}

static int start_lanes(const struct settings *settings, unsigned schema_version, struct serving *serving) {
        const unsigned timeout = (unsigned) settings_integer(settings, SETTING_DATABASE_STATEMENT_TIMEOUT);
        const struct executor_options options = {
                .conninfo = settings_text(settings, SETTING_DATABASE_CONNINFO),
                .connections = { [DB_LANE_REQUEST] = (unsigned) settings_integer(settings, SETTING_DATABASE_CONNECTIONS),
                                 [DB_LANE_REPORT] = (unsigned) settings_integer(settings, SETTING_DATABASE_REPORT_CONNECTIONS) },
                .queue_limit = (unsigned) settings_integer(settings, SETTING_DATABASE_QUEUE_LIMIT),
                .statement_timeout_ms = { [DB_LANE_REQUEST] = timeout, [DB_LANE_REPORT] = 6 * timeout },
                .expected_version = schema_version,
        };
        int r = executor_start(&options, serving->queries, &serving->service.executor);
        if (r < 0)
                return command_failed("the database lane did not start: %s", strerror(-r));
        r = worker_start((unsigned) settings_integer(settings, SETTING_WORKER_THREADS), WORKER_QUEUE, &serving->service.worker);
        if (r < 0)
                return command_failed("the worker lane did not start: %s", strerror(-r));
        return 0;
}

static int assemble(const struct settings *settings, struct serving *serving) {
        _cleanup_free_ char *error = NULL;
        unsigned schema_version;
        if (load_keyring(settings, serving) != 0)
                return EXIT_FAILED;
        if (migrate_newest(&embedded_schema, &schema_version, &error) != 0 ||
            query_set_load(&serving->queries, &error) != 0 ||
            template_set_parse(&embedded_templates, &serving->templates, &error) != 0 || draft_form_load(&error) != 0)
                return command_failed("%s", error);
        serving->service.settings = settings;
        serving->service.keyring = serving->keyring;
        serving->service.queries = serving->queries;
        serving->service.templates = serving->templates;
        serving->service.assets = &embedded_assets;
        serving->service.schemas = &embedded_schemas;
        serving->service.frame = frame_complete;
        serving->service.seen = session_activity_note;
        serving->service.tls_external = settings_boolean(settings, SETTING_TLS_EXTERNAL);
        if (raise_file_limit(settings) != 0 || start_lanes(settings, schema_version, serving) != 0)
                return EXIT_FAILED;
        size_t n_routes;
        const struct route *routes = routes_all(&n_routes);
        if (service_prepare(&serving->service, routes, n_routes, &error) != 0)
                return command_failed("%s", error);
        return 0;
}

/* 0 once the database answers with this program's schema; positive when it did not in time or we are to stop. */
static int wait_for_database(const struct serving *serving) {
        for (unsigned tenths = 0; !executor_ready(serving->service.executor); tenths++) {
                if (tenths == 10)
                        log_info("waiting_for_database");
                if (tenths >= DATABASE_WAIT_S * 10)
                        return command_failed("the database did not answer, or has another schema version. Run\n"
                                              "    upstander admin migrate");
                if (stop_wait(100))
                        return EXIT_FAILED;
        }
        return 0;
}

/* Real records are refused until what protects them is in place; everything that is missing is named at once. */
static int refuse_unready(struct serving *serving) {
        char request[UUID_TEXT];
        bool demonstration = false;
        uuid_new(request);
        struct db_step step = {
                .context = { .query = serving->service.context_anyone, .values = { request } },
                .call = { .query = query_find(serving->queries, "site/ready") },
        };
        int r = executor_run(serving->service.executor, &step);
        if (r == 0 && step.result == DB_STEP_DONE && step.outcome && strcmp(step.outcome, "ok") == 0)
                r = ready_explain(step.body, &serving->missing, &demonstration);
        else
                r = -1;
        db_step_release(&step);
        if (r < 0)
                return command_failed("the database did not say whether everything is in place");
        if (serving->missing.size > 0)
                return command_failed("records are refused until this is in place:\n%s", serving->missing.data);
        frame_begin(demonstration);
        return 0;
}

static int listen_and_wait(const struct settings *settings, struct serving *serving) {
        const struct server_options options = server_options_of(settings);
        int r = server_start(&options, &serving->service, &serving->server);
        if (r < 0)
                return command_failed("cannot listen on %s port %u: %s", options.address, options.port, strerror(-r));
        if (settings_boolean(settings, SETTING_WORK_IN_PROCESS)) {
                r = jobs_start(settings_text(settings, SETTING_DATABASE_WORK_CONNINFO), serving->queries, &serving->jobs);
                if (r < 0)
                        return command_failed("the background work did not start: %s", strerror(-r));
        }
        stop_await(keep_up, serving);
        return EXIT_DONE;
}

int command_serve(const struct invocation *invocation) {
        const struct rlimit no_core = { 0, 0 }; /* a core file would hold keys and narratives */
        struct serving serving = { 0 };
        if (geteuid() == 0)
                return command_failed("serve does not run as root. Give it a user of its own (deploy/systemd has one)");
        setrlimit(RLIMIT_CORE, &no_core);

        stop_prepare();

        int status = EXIT_FAILED;
        if (assemble(invocation->settings, &serving) == 0 && wait_for_database(&serving) == 0 &&
            refuse_unready(&serving) == 0) {
                if (service_read_codes(&serving.service) != 0)
                        command_failed("the code lists could not be read");
                else
                        status = listen_and_wait(invocation->settings, &serving);
        }
        serving_clear(&serving);
        return status;
}
