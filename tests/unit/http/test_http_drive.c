/* Requests through all their steps, with a database that says what the test wrote down for each query. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "crypto/token.h"
#include "internal.h"

#define RING "seal s1 q4mqrmTcQrdUFA9lXKOkIOsmBbTELr1LH2AwJF2fgkE\ntoken t1 tSxD7_50coO1Do8NCnZqDAmayGhyjZ3G5I3qa3pLU10\n" \
        "index i1 baO_iUNn9Z7GiQk42qfEPAJrZXskXZytRP0ErZlirXQ\n"
#define REF "UP-7K3M-9Q2X"

/* What the database says. */
struct answer {
        const char *query, *outcome, *body, *etag, *location;
};
static struct answer answers[8];
static const char *verdict, *frame;
static enum db_step_result result;
static bool is_full;
/* What it was asked: query names in order, and the values of the last call by name. */
static char asked[256];
static json_t *values;
static unsigned kept; /* results not released yet */

int executor_submit(struct executor *executor, struct db_step *step) {
        if (is_full)
                return 1;
        const struct query *query = step->call.query;
        snprintf(asked + strlen(asked), sizeof(asked) - strlen(asked), "%s%s", *asked ? " " : "", query->name);
        json_object_clear(values);
        for (unsigned i = 0; i < query->n_parameters; i++)
                if (step->call.values[i])
                        json_object_set_new(values, query->parameters[i].name, json_string(step->call.values[i]));
        step->result = result;
        step->context_result = memory_new(1, 1);
        kept++;
        if (result == DB_STEP_REFUSED)
                strcpy(step->sqlstate, "23514");
        if (result == DB_STEP_DONE) {
                step->verdict = verdict;
                step->frame = frame;
                step->frame_size = frame ? strlen(frame) : 0;
                step->outcome = strcmp(verdict, "ok") == 0 ? "ok" : "denied";
        }
        for (size_t i = 0; result == DB_STEP_DONE && i < ELEMENTS(answers); i++)
                if (answers[i].query && strcmp(answers[i].query, query->name) == 0 && strcmp(verdict, "ok") == 0) {
                        step->outcome = answers[i].outcome;
                        step->body = answers[i].body;
                        step->body_size = answers[i].body ? strlen(answers[i].body) : 0;
                        /* Lives as long as the results do, so that a sanitizer sees what is read too late. */
                        step->etag = step->call_result = answers[i].etag ? memory_copy_string(answers[i].etag) : NULL;
                        step->location = answers[i].location;
                }
        step->done(step);
        return 0;
}

void db_step_release(struct db_step *step) {
        if (step->context_result)
                kept--;
        free(step->context_result);
        free(step->call_result);
        step->context_result = step->call_result = NULL;
}

int executor_run(struct executor *executor, struct db_step *step) {
        return 1;
}

bool executor_ready(struct executor *executor) {
        return true;
}

void executor_read_figures(struct executor *executor, enum db_lane lane, struct executor_figures *ret_figures) {
        *ret_figures = (struct executor_figures) { 0 };
}

/* The routes */
static const struct field note_fields[] = { { "text", FIELD_TEXT, .required = true, .most = 100 }, { "secret", FIELD_SECRET }, { 0 } };
static const struct body_schema note = { "note", note_fields, NULL };
static bool worked;

static enum step_result prepare_note(struct request *request) {
        request_call(request, "note/create");
        request_value(request, "text", request_text(request, "text"));
        return STEP_DATABASE;
}

static enum step_result prepare_change(struct request *request) {
        request_call(request, "note/change");
        request_value(request, "note", request_parameter(request, "note"));
        request_value(request, "text", request_text(request, "text"));
        return STEP_DATABASE;
}

static void do_work(struct request *request) {
        worked = true;
}

static enum step_result prepare_work(struct request *request) {
        request->work = do_work;
        return STEP_WORK;
}

static enum step_result reply_at_once(struct request *request) {
        json_t *body = json_pack("{s:s}", "secret", "figures");
        enum step_result reply = reply_json(request, 200, body);
        json_decref(body);
        return reply;
}

/* Two steps: the second is given what the first answered. */
static enum step_result prepare_two(struct request *request) {
        char reference[REFERENCE_TEXT];
        reference_new("UP", reference);
        request_call(request, "note/get");
        request_value(request, "note", arena_string(request->arena, reference));
        return STEP_DATABASE;
}

static enum step_result finish_two(struct request *request) {
        if (request->stage > 1)
                return reply_outcome(request);
        const char *etag = request->step.etag;
        request_call(request, "note/create");
        request_value(request, "text", etag);
        return STEP_DATABASE;
}

static void write_csv(json_t *resource, struct buffer *out) {
        buffer_append_format(out, "n\r\n%zu\r\n", json_array_size(json_object_get(resource, "items")));
}

static void decorate_form(struct request *request, json_t *resource) {
        json_object_set_new(resource, "typed", json_string(request->refused ? request_text(request, "text") : "nothing"));
}

/* The sign-in form must not take the answers of the form that was refused for its own. */
static void decorate_sign_in(struct request *request, json_t *resource) {
        assert_null(request->given);
        assert_null(request->body);
        json_object_set_new(resource, "email", json_string("nobody"));
}

static const struct route rows[] = {
        { METHOD_GET, "/notes", "NOTE_READ", ROUTE_CSV, "Lists notes.", "VIEW", "note/list", "note/list", .csv = write_csv },
        { METHOD_POST, "/notes", "NOTE_WRITE", ROUTE_CREATES, "Makes a note.", "CREATE", .body = &note, .prepare = prepare_note },
        { METHOD_GET, "/notes/{note}", "NOTE_READ", 0, "Shows a note.", "VIEW", "note/get", "note/show", .decorate = decorate_form },
        { METHOD_PUT, "/notes/{note}", "NOTE_WRITE", ROUTE_VERSIONED, "Changes a note.", "UPDATE", .body = &note,
          .prepare = prepare_change },
        { METHOD_POST, "/work", NULL, ROUTE_SIGNED_IN, "Works.", "VIEW", .prepare = prepare_work },
        { METHOD_GET, "/figures", "NOTE_READ", 0, "Says at once.", "VIEW", .prepare = reply_at_once },
        { METHOD_POST, "/two", NULL, ROUTE_SIGNED_IN, "Takes two steps.", "VIEW", .prepare = prepare_two, .finish = finish_two },
        { METHOD_POST, "/notes/{note}/end", "NOTE_WRITE", 0, "Ends a note.", "UPDATE", "note/get" },
        { METHOD_GET, "/sign-in", NULL, ROUTE_ANYONE | ROUTE_PAGE_ONLY, "Signs in.", "VIEW", .page = "access/sign-in",
          .decorate = decorate_sign_in },
        { METHOD_GET, "/words", NULL, ROUTE_SIGNED_IN, "Is a page of words.", "VIEW", .page = "words" },
};

#define FILE_OF(name, text) { name, (const unsigned char *) text, sizeof(text) - 1 }
static const struct embedded_file query_files[] = {
        FILE_OF("access/context.sql", "-- Who.\n-- $1 session hash optional\n-- batch\nselect verdict, account, frame from a($1)\n"),
        FILE_OF("access/context_anyone.sql", "-- Anyone.\n-- $1 request uuid\n-- batch\nselect verdict, account, frame from b($1)\n"),
        FILE_OF("access/nothing.sql", "-- Nothing.\n-- batch\nselect outcome, body, etag, location from nothing()\n"),
        FILE_OF("note/change.sql", "-- Changes.\n-- $1 note reference\n-- $2 text text 200\n-- $3 etag text 40\n-- alone\nselect c($1, $2, $3)\n"),
        FILE_OF("note/create.sql", "-- Makes.\n-- $1 text text 200\n-- $2 idempotency_key text 64 optional\n-- $3 idempotency_hash hash optional\n"
                                   "-- batch\nselect c($1, $2, $3)\n"),
        FILE_OF("note/get.sql", "-- One.\n-- $1 note reference\n-- batch\nselect g($1)\n"),
        FILE_OF("note/list.sql", "-- All.\n-- $1 due date optional\n-- $2 cursor cursor optional\n-- $3 limit integer 1..200 default 50\n-- batch\n"
                                 "select l($1, $2, $3)\n"),
};
static const struct embedded_file template_files[] = {
        FILE_OF("access/sign-in.mustache", "{{email}} sign in:{{code}}:{{held}}"),
        FILE_OF("error.mustache", "error:{{code}}:{{detail}}"),
        FILE_OF("layout/page.mustache", "<{{#has_errors}}Error {{/has_errors}}{{lang}}>{{{body_html}}}"),
        FILE_OF("note/list.mustache", "{{#items}}{{n}},{{/items}}{{next}}"),
        FILE_OF("note/show.mustache", "note {{text}} typed {{typed}} {{#errors}}{{href}}={{message}}{{/errors}} csrf {{csrf}} given {{given.text}}"),
        FILE_OF("words.mustache", "words for {{actor.name}}"),
};

static struct service service;
static struct request *request;
static char bearer[TOKEN_TEXT], cookie[TOKEN_TEXT], cookie_hash[SHA256_HEX];
static bool completed;

static int set_up_group(void **state) {
        static char executor;
        const struct embedded_set queries = { query_files, ELEMENTS(query_files) };
        static const struct embedded_set templates = { template_files, ELEMENTS(template_files) };
        struct query_set *query_set = NULL;
        struct template_set *template_set = NULL;
        struct keyring *keyring = NULL;
        struct keyring_fault fault;
        char *error = NULL, hash[SHA256_HEX];

        log_set_level(LOG_LEVEL_ERROR + 1);
        if (query_set_parse(&queries, &query_set, &error) < 0 || template_set_parse(&templates, &template_set, &error) < 0 ||
            keyring_parse(RING, strlen(RING), &keyring, &fault) < 0)
                fail_msg("%s", error ? error : "keyring");
        service.queries = query_set;
        service.templates = template_set;
        service.keyring = keyring;
        service.executor = (struct executor *) (void *) &executor;
        if (service_prepare(&service, rows, ELEMENTS(rows), &error) < 0)
                fail_msg("%s", error);
        token_new(keyring, TOKEN_BEARER, bearer, hash);
        token_new(keyring, TOKEN_COOKIE, cookie, cookie_hash);
        values = json_object();
        return 0;
}

static int tear_down_group(void **state) {
        service_clear(&service);
        query_set_free((struct query_set *) (uintptr_t) service.queries);
        template_set_free((struct template_set *) (uintptr_t) service.templates);
        keyring_free((struct keyring *) (uintptr_t) service.keyring);
        json_decref(values);
        return 0;
}

static int set_up(void **state) {
        memset(answers, 0, sizeof(answers));
        verdict = "ok";
        frame = NULL;
        result = DB_STEP_DONE;
        is_full = worked = false;
        return 0;
}

static int tear_down(void **state) {
        request_free(request);
        request = NULL;
        assert_int_equal(kept, 0);
        return 0;
}

static void on_completed(struct request *done) {
        assert_false(completed);
        completed = true;
}

/* Sends a request and returns its status; `headers` are "Name: value" lines parted by newlines. */
static unsigned go(const char *method, const char *target, const char *headers, const char *body) {
        struct header_list list = { .n = 0 };
        const struct trusted trusted = { .n = 0 };
        static char text[8192], length[32];

        request_free(request);
        *asked = '\0';
        completed = false;
        snprintf(text, sizeof(text), "Host: a\n%s", headers);
        for (char *p = strtok(text, "\n"); p; p = strtok(NULL, "\n")) {
                char *colon = strchr(p, ':');
                list.header[list.n++] = (struct header) { p, (size_t) (colon - p), colon + 2, strlen(colon + 2) };
        }
        snprintf(length, sizeof(length), "%zu", strlen(body));
        if (*body)
                list.header[list.n++] = (struct header) { "Content-Length", 14, length, strlen(length) };
        const struct intake intake = { method, "HTTP/1.1", target, "192.0.2.1", &trusted, &list };
        request = request_new(&service);
        request->private->completed = on_completed;
        if (!request_open(request, &intake))
                return request->reply.status;
        enum step_result next = request_start(request, body, strlen(body));
        if (next == STEP_REPLY)
                return request->reply.status;
        request_continue(request, next);
        assert_true(completed);
        return request->reply.status;
}

static char *api_headers(const char *more) {
        static char headers[512];
        snprintf(headers, sizeof(headers), "Authorization: Bearer %s\n%s", bearer, more);
        return headers;
}

static char *page_headers(const char *more) {
        static char headers[512];
        snprintf(headers, sizeof(headers), "Cookie: __Host-session=%s\nAccept: text/html\n%s", cookie, more);
        return headers;
}

#define JSON "Content-Type: application/json\n"
#define FORM "Content-Type: application/x-www-form-urlencoded\n"
#define KEY "Idempotency-Key: \"k1\"\n"

static unsigned get(const char *target) {
        return go("GET", target, api_headers(""), "");
}

static const char *form_of(const char *rest) {
        static char form[1024];
        char csrf[CSRF_TEXT];
        csrf_token(service.keyring, cookie_hash, csrf);
        snprintf(form, sizeof(form), "_csrf=%s&%s", csrf, rest);
        return form;
}

/* A member of the problem or body that was answered. */
static const char *said(const char *member) {
        static char text[256];
        json_t *body = json_loadb(request->reply.data, request->reply.size, 0, NULL);
        const char *value = json_string_value(json_object_get(body, member));
        snprintf(text, sizeof(text), "%s", value ? value : "(none)");
        json_decref(body);
        return text;
}

static const char *value_of(const char *name) {
        return json_string_value(json_object_get(values, name));
}

static void answer(const char *query, const char *outcome, const char *body, const char *etag, const char *location) {
        for (size_t i = 0; i < ELEMENTS(answers); i++)
                if (!answers[i].query) {
                        answers[i] = (struct answer) { query, outcome, body, etag, location };
                        return;
                }
}

static void a_stranger_is_refused_without_a_question_to_the_database(void **state) {
        assert_int_equal(go("GET", "/api/v1/notes", "", ""), 401);
        assert_int_equal(go("GET", "/api/v1/notes", "Authorization: Bearer AAAA\n", ""), 401);
        assert_int_equal(go("POST", "/api/v1/notes", JSON, "{}"), 401);
        assert_true(request->reply.authenticate);
        assert_string_equal(asked, "");
        char headers[256];
        snprintf(headers, sizeof(headers), "Cookie: __Host-session=%s\n", cookie);
        assert_int_equal(go("GET", "/api/v1/notes", headers, ""), 401);
        snprintf(headers, sizeof(headers), "Authorization: Bearer %s\n", cookie);
        assert_int_equal(go("GET", "/api/v1/notes", headers, ""), 401);
}

static void a_faulty_body_asks_for_the_context_alone_and_tells_its_faults_last(void **state) {
        assert_int_equal(go("POST", "/api/v1/notes", api_headers(JSON KEY), "{\"more\":1}"), 422);
        assert_string_equal(asked, "access/nothing");
        assert_string_equal(said("code"), "invalid");
        verdict = "forbidden";
        assert_int_equal(go("POST", "/api/v1/notes", api_headers(JSON KEY), "{\"more\":1}"), 403);
        assert_int_equal(go("POST", "/api/v1/notes", api_headers(JSON), "{}"), 403);
        assert_int_equal(go("POST", "/api/v1/notes", api_headers(JSON KEY), "nonsense"), 403);
        verdict = "unauthenticated";
        assert_int_equal(go("POST", "/api/v1/notes", api_headers(JSON KEY), "{\"more\":1}"), 401);
        verdict = "ok";
        assert_int_equal(go("POST", "/api/v1/notes", api_headers(JSON), "{\"text\":\"a\"}"), 400);
        assert_string_equal(said("code"), "key_required");
        assert_int_equal(go("PUT", "/api/v1/notes/" REF, api_headers(JSON), "{}"), 428);
        assert_string_equal(asked, "access/nothing");
}

static void every_verdict_and_outcome_has_its_status(void **state) {
        static const struct {
                const char *word;
                unsigned status;
        } verdicts[] = { { "unauthenticated", 401 }, { "idle", 401 }, { "forbidden", 403 }, { "second_factor", 403 },
                         { "pending", 403 }, { "nonsense", 500 } },
          outcomes[] = { { "ok", 200 }, { "created", 201 }, { "replayed", 201 }, { "absent", 404 }, { "denied", 403 },
                         { "stale", 412 }, { "conflict", 409 }, { "in_progress", 409 }, { "invalid", 422 },
                         { "throttled", 429 }, { "nonsense", 500 } };
        for (size_t i = 0; i < ELEMENTS(verdicts); i++) {
                verdict = verdicts[i].word;
                assert_int_equal(get("/api/v1/notes"), verdicts[i].status);
        }
        verdict = "ok";
        for (size_t i = 0; i < ELEMENTS(outcomes); i++) {
                set_up(NULL);
                answer("note/create", outcomes[i].word, "{\"a\":1}", NULL, NULL);
                assert_int_equal(go("POST", "/api/v1/notes", api_headers(JSON KEY), "{\"text\":\"a\"}"), outcomes[i].status);
        }
}

/* The faults that were answered, "field code" each. */
static const char *faults_said(void) {
        static char text[256];
        size_t i;
        json_t *body = json_loadb(request->reply.data, request->reply.size, 0, NULL), *item;
        *text = '\0';
        json_array_foreach(json_object_get(body, "errors"), i, item)
                snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s %s", i ? "; " : "",
                         json_string_value(json_object_get(item, "field")),
                         json_string_value(json_object_get(item, "code")));
        json_decref(body);
        return text;
}

static unsigned refused_by(const char *body) {
        set_up(NULL);
        answer("note/create", "invalid", body, NULL, NULL);
        return go("POST", "/api/v1/notes", api_headers(JSON KEY), "{\"text\":\"a\"}");
}

static void a_violation_that_a_function_caught_names_its_field(void **state) {
        assert_int_equal(refused_by("{\"sqlstate\":\"23514\",\"constraint\":\"incident_occurred_not_later\"}"), 422);
        assert_string_equal(faults_said(), "/occurred_on in_the_future");
        assert_int_equal(refused_by("{\"sqlstate\":\"23503\",\"constraint\":\"incident_setting_known\"}"), 422);
        assert_string_equal(faults_said(), "/setting unknown_code");
        assert_int_equal(refused_by("{\"sqlstate\":\"23503\",\"constraint\":\"of_no_row\"}"), 422);
        assert_string_equal(faults_said(), " not_found");
        assert_int_equal(refused_by("{\"sqlstate\":\"23502\",\"constraint\":null}"), 422);
        assert_string_equal(faults_said(), " required");
        assert_int_equal(refused_by("{\"sqlstate\":\"23514\",\"constraint\":\"referral_event_follows\"}"), 409);
        assert_string_equal(said("code"), "conflict");
        assert_string_equal(faults_said(), "");
        assert_int_equal(refused_by("{\"sqlstate\":\"XX000\",\"constraint\":null}"), 500);
        assert_string_equal(said("code"), "defect");
}

static void the_database_away_slow_or_full_is_503_and_a_defect_500(void **state) {
        result = DB_STEP_UNAVAILABLE;
        assert_int_equal(get("/api/v1/notes"), 503);
        assert_true(request->reply.retry_after > 0);
        result = DB_STEP_TIMEOUT;
        assert_int_equal(get("/api/v1/notes"), 503);
        result = DB_STEP_FAULT;
        assert_int_equal(get("/api/v1/notes"), 500);
        result = DB_STEP_REFUSED;
        assert_int_equal(get("/api/v1/notes"), 422);
        is_full = true;
        assert_int_equal(get("/api/v1/notes"), 503);
        assert_true(request->reply.retry_after > 0);
        assert_string_equal(said("code"), "busy");
}

static void a_read_takes_its_parameters_by_name(void **state) {
        answer("note/list", "ok", "{\"items\":[]}", NULL, NULL);
        answer("note/get", "ok", "{\"text\":\"a\"}", "7", NULL);
        assert_int_equal(get("/api/v1/notes?due=2026-03-27&limit=5"), 200);
        assert_string_equal(value_of("due"), "2026-03-27");
        assert_string_equal(value_of("limit"), "5");
        assert_int_equal(get("/api/v1/notes?due="), 200);
        assert_null(value_of("due"));
        assert_string_equal(value_of("limit"), "50");
        assert_int_equal(get("/api/v1/notes/up-7k3m-9q2x"), 404);
        char reference[REFERENCE_TEXT], path[64];
        reference_new("UP", reference);
        snprintf(path, sizeof(path), "/api/v1/notes/%s", reference);
        for (char *p = path + 14; *p; p++)
                *p = (char) (*p >= 'A' && *p <= 'Z' ? *p | 0x20 : *p);
        assert_int_equal(get(path), 200);
        assert_string_equal(value_of("note"), reference);
        assert_string_equal(request->reply.etag, "7");
        assert_string_equal(request->reply.data, "{\"text\":\"a\"}");
}

static void a_value_that_does_not_fit_never_reaches_a_cast(void **state) {
        assert_int_equal(get("/api/v1/notes?due=yesterday"), 400);
        assert_string_equal(said("code"), "bad_argument");
        assert_int_equal(get("/api/v1/notes?limit=201"), 400);
        assert_int_equal(get("/api/v1/notes?nonsense=1"), 400);
        assert_string_equal(said("code"), "unknown_argument");
        assert_string_equal(asked, "access/nothing");
        assert_int_equal(get("/api/v1/notes/nonsense"), 404);
        verdict = "forbidden";
        assert_int_equal(get("/api/v1/notes?nonsense=1"), 403);
}

static void a_write_of_its_path_alone_needs_no_code(void **state) {
        char path[64] = "/api/v1/notes/", page[64];
        reference_new("UP", path + strlen(path));
        strcat(path, "/end");
        answer("note/get", "ok", "{\"text\":\"a\"}", NULL, "/notes");
        assert_int_equal(go("POST", path, api_headers(""), ""), 200);
        assert_int_equal(strncmp(value_of("note"), path + 14, 12), 0);
        snprintf(page, sizeof(page), "%s", path + 7);
        assert_int_equal(go("POST", page, page_headers(FORM), form_of("_method=POST")), 303);
        assert_string_equal(request->reply.location, "/notes");
}

static void a_list_goes_on_with_a_cursor_of_its_own(void **state) {
        answer("note/list", "ok", "{\"items\":[1]}", NULL, "123.abc");
        assert_int_equal(get("/api/v1/notes?due=2026-03-27"), 200);
        char next[512], link[600], foreign[600];
        snprintf(next, sizeof(next), "%s", said("next"));
        assert_int_equal(strncmp(next, "/api/v1/notes?due=2026-03-27&cursor=", 36), 0);
        snprintf(link, sizeof(link), "<%s>; rel=\"next\"", next);
        assert_string_equal(request->reply.link, link);
        assert_int_equal(get(next), 200);
        assert_string_equal(value_of("cursor"), "123.abc");
        snprintf(foreign, sizeof(foreign), "/api/v1/notes?due=2026-03-28&%s", strstr(next, "cursor="));
        assert_int_equal(get(foreign), 400);
        assert_string_equal(said("code"), "bad_cursor");
        assert_int_equal(get("/api/v1/notes?cursor=123.abc"), 400);
        answers[0].body = "{}";
        assert_int_equal(get("/api/v1/notes"), 200);
        assert_int_equal(strncmp(request->reply.data, "{\"next\":\"", 9), 0);
}

static void a_key_goes_with_a_digest_of_what_was_asked(void **state) {
        char first[SHA256_HEX];
        answer("note/create", "created", "{\"id\":1}", "1", "/notes/" REF);
        assert_int_equal(go("POST", "/api/v1/notes", api_headers(JSON KEY), "{\"text\":\"a\",\"secret\":\"b\"}"), 201);
        assert_string_equal(request->reply.location, "/api/v1/notes/" REF);
        assert_string_equal(value_of("idempotency_key"), "k1");
        strcpy(first, value_of("idempotency_hash"));
        go("POST", "/api/v1/notes", api_headers(JSON KEY), "{\"secret\":\"b\", \"text\":\"a\"}");
        assert_string_equal(value_of("idempotency_hash"), first);
        go("POST", "/api/v1/notes", api_headers(JSON KEY), "{\"text\":\"b\"}");
        assert_string_not_equal(value_of("idempotency_hash"), first);
        answers[0].body = NULL;
        assert_int_equal(go("POST", "/api/v1/notes?text=b", api_headers(JSON KEY), "{\"text\":\"a\"}"), 400);
        assert_int_equal(go("POST", "/api/v1/notes", api_headers(JSON KEY), "{\"text\":\"a\"}"), 204);
}

static void if_match_reaches_the_statement_without_its_quotes(void **state) {
        char path[64] = "/api/v1/notes/";
        reference_new("UP", path + strlen(path));
        assert_int_equal(go("PUT", path, api_headers(JSON "If-Match: \"7\"\n"), "{\"text\":\"a\"}"), 204);
        assert_string_equal(value_of("etag"), "7");
        assert_int_equal(go("PUT", path, api_headers(JSON "If-Match: \"1234567890123456789012345678901234567890123\"\n"), "{\"text\":\"a\"}"), 412);
        assert_int_equal(go("PUT", path, api_headers(JSON "If-Match: W/\"7\"\n"), "{\"text\":\"a\"}"), 400);
}

static void work_and_ready_replies_wait_for_the_context(void **state) {
        assert_int_equal(get("/api/v1/figures"), 200);
        assert_string_equal(asked, "access/nothing");
        verdict = "forbidden";
        assert_int_equal(get("/api/v1/figures"), 403);
        assert_null(strstr(request->reply.data, "figures"));
        assert_int_equal(go("POST", "/api/v1/work", api_headers(""), ""), 403);
        assert_false(worked);
}

static void earlier_answers_stay_readable_in_later_steps(void **state) {
        answer("note/get", "ok", "{}", "etag of the first", NULL);
        answer("note/create", "ok", "{\"done\":true}", NULL, NULL);
        assert_int_equal(go("POST", "/api/v1/two", api_headers(""), ""), 200);
        assert_string_equal(asked, "note/get note/create");
        assert_string_equal(value_of("text"), "etag of the first");
        assert_int_equal(kept, 2);
}

static void what_does_not_open_is_never_sent(void **state) {
        answer("note/list", "ok", "{\"text\":{\"$sealed\":\"incident.narrative.x.y.k1.s1.z.s1.q\"}}", NULL, NULL);
        assert_int_equal(get("/api/v1/notes"), 500);
        assert_null(strstr(request->reply.data, "sealed"));
}

static void a_list_is_csv_when_asked_for(void **state) {
        answer("note/list", "ok", "{\"items\":[1,2,3]}", NULL, NULL);
        assert_int_equal(go("GET", "/api/v1/notes", api_headers("Accept: text/csv\n"), ""), 200);
        assert_string_equal(request->reply.data, "n\r\n3\r\n");
        assert_string_equal(request->reply.content_type, "text/csv; charset=utf-8");
        assert_int_equal(go("GET", "/notes?format=csv", page_headers(""), ""), 200);
        assert_string_equal(request->reply.data, "n\r\n3\r\n");
        assert_int_equal(go("GET", "/api/v1/notes", api_headers("Accept: image/png\n"), ""), 406);
}

static void a_page_is_the_same_resource_rendered(void **state) {
        answer("note/list", "ok", "{\"items\":[{\"n\":1},{\"n\":2}]}", NULL, NULL);
        assert_int_equal(go("GET", "/notes", page_headers(""), ""), 200);
        assert_string_equal(request->reply.data, "<en>1,2,");
        frame = "{\"actor\":{\"name\":\"Ann\"}}";
        assert_int_equal(go("GET", "/words", page_headers(""), ""), 200);
        assert_string_equal(request->reply.data, "<en>words for Ann");
        verdict = "forbidden";
        assert_int_equal(go("GET", "/notes", page_headers(""), ""), 403);
        assert_int_equal(strncmp(request->reply.data, "<en>error:forbidden:", 20), 0);
        verdict = "idle";
        assert_int_equal(go("GET", "/notes?limit=5", page_headers(""), ""), 303);
        assert_string_equal(request->reply.location, "/sign-in?next=%2Fnotes%3Flimit%3D5");
        verdict = "second_factor";
        assert_int_equal(go("GET", "/notes", page_headers(""), ""), 303);
}

static void a_form_without_its_token_asks_the_database_nothing(void **state) {
        assert_int_equal(go("POST", "/notes", page_headers(FORM), "_key=k&text=a"), 403);
        assert_int_equal(go("POST", "/notes", page_headers(FORM), "_csrf=AAAA&_key=k&text=a"), 403);
        assert_string_equal(asked, "");
        answer("note/create", "created", "{}", NULL, "/notes/" REF);
        assert_int_equal(go("POST", "/notes", page_headers(FORM), form_of("_key=k&text=a")), 303);
        assert_string_equal(request->reply.location, "/notes/" REF);
        assert_string_equal(value_of("idempotency_key"), "k");
}

static void a_refused_form_is_shown_again_with_what_was_typed(void **state) {
        char path[64] = "/notes/", form[128];
        reference_new("UP", path + strlen(path));
        answer("note/get", "ok", "{\"text\":\"stored\"}", NULL, NULL);
        assert_int_equal(go("POST", path, page_headers(FORM), form_of("_method=PUT&_etag=7&text=")), 422);
        assert_string_equal(asked, "access/nothing note/get");
        assert_non_null(strstr(request->reply.data, "<Error en>note stored"));
        assert_non_null(strstr(request->reply.data, "#text=Enter an answer"));

        answer("note/change", "invalid", "{\"errors\":[{\"field\":\"/text\",\"code\":\"rude\",\"message\":\"Try again\"}]}", NULL, NULL);
        snprintf(form, sizeof(form), "_method=PUT&_etag=7&text=typed&secret=hidden");
        assert_int_equal(go("POST", path, page_headers(FORM), form_of(form)), 422);
        assert_string_equal(asked, "note/change note/get");
        assert_non_null(strstr(request->reply.data, "note stored typed typed #text=Try again"));
        assert_non_null(strstr(request->reply.data, "given typed"));
        assert_null(strstr(request->reply.data, "hidden"));

        /* What a constraint refuses is said where it belongs, whichever status it has. */
        answers[1].body = "{\"sqlstate\":\"23503\",\"constraint\":\"incident_setting_known\"}";
        assert_int_equal(go("POST", path, page_headers(FORM), form_of(form)), 422);
        assert_non_null(strstr(request->reply.data, "#setting=Choose a setting from the list."));
        answers[1].body = "{\"sqlstate\":\"23514\",\"constraint\":\"referral_event_starts\"}";
        assert_int_equal(go("POST", path, page_headers(FORM), form_of(form)), 409);
        assert_non_null(strstr(request->reply.data, "A referral cannot begin with this step."));

        answers[1].outcome = "stale";
        answers[1].body = NULL;
        assert_int_equal(go("POST", path, page_headers(FORM), form_of(form)), 412);
        assert_non_null(strstr(request->reply.data, "#main-content=The record has changed"));
        answers[0].outcome = "absent";
        assert_int_equal(go("POST", path, page_headers(FORM), form_of(form)), 404);
}

static void answers_outlive_the_session_that_they_were_given_in(void **state) {
        struct held held;
        verdict = "idle";
        assert_int_equal(go("POST", "/notes", page_headers(FORM), form_of("_key=k&_query=a%3D1&text=long+story&secret=hidden")), 401);
        char *blob = strrchr(request->reply.data, ':') + 1;
        assert_non_null(strstr(request->reply.data, "nobody sign in:idle:"));
        assert_null(strstr(request->reply.data, "story"));
        assert_int_equal(request_open_held(request, blob, &held), 0);
        assert_string_equal(held.session_hash, cookie_hash);
        assert_string_equal(held.target, "/notes");
        assert_string_equal(held.query, "a=1");
        assert_string_equal(json_string_value(json_object_get(held.given, "text")), "long story");
        assert_null(json_object_get(held.given, "secret"));
        json_decref(held.given);
        blob[5] ^= 1;
        assert_int_equal(request_open_held(request, blob, &held), 1);
        /* Without a session nobody knows whose answers they are. */
        assert_int_equal(go("POST", "/notes", "Accept: text/html\n" FORM, "_key=k&text=long+story"), 401);
        assert_non_null(strstr(request->reply.data, "sign in:unauthenticated:"));
        assert_string_equal(strrchr(request->reply.data, ':') + 1, "");
}

static void rows_that_say_too_little_are_refused_at_start(void **state) {
        static const struct route bad[] = {
                { METHOD_GET, "/a", NULL, 0, "Nobody may.", .query = "note/list" },
                { METHOD_GET, "/a", "X", ROUTE_ANYONE, "Both.", .query = "note/list" },
                { METHOD_GET, "/a", "X", 0, NULL, .query = "note/list" },
                { METHOD_GET, "/a", "X", 0, "Nothing." },
                { METHOD_GET, "/a", "X", 0, "No such query.", .query = "note/none" },
                { METHOD_GET, "/a", "X", 0, "No such page.", .query = "note/list", .page = "none" },
                { METHOD_POST, "/a", "X", 0, "Neither query nor prepare." },
                { METHOD_PUT, "/a", "X", ROUTE_CREATES, "Creates by PUT.", .prepare = prepare_note },
                { METHOD_GET, "/a", "X", ROUTE_CSV, "No csv.", .query = "note/list" },
                { METHOD_GET, "/health/live", "X", 0, "Is taken.", .query = "note/list" },
        };
        for (size_t i = 0; i < ELEMENTS(bad); i++) {
                struct service other = { .queries = service.queries, .templates = service.templates };
                char *error = NULL;
                if (service_prepare(&other, &bad[i], 1, &error) == 0)
                        fail_msg("accepted: %s", bad[i].about);
                service_clear(&other);
                free(error);
        }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(a_stranger_is_refused_without_a_question_to_the_database),
                TEST(a_faulty_body_asks_for_the_context_alone_and_tells_its_faults_last),
                TEST(every_verdict_and_outcome_has_its_status),
                TEST(a_violation_that_a_function_caught_names_its_field),
                TEST(the_database_away_slow_or_full_is_503_and_a_defect_500),
                TEST(a_read_takes_its_parameters_by_name),
                TEST(a_value_that_does_not_fit_never_reaches_a_cast),
                TEST(a_write_of_its_path_alone_needs_no_code),
                TEST(a_list_goes_on_with_a_cursor_of_its_own),
                TEST(a_key_goes_with_a_digest_of_what_was_asked),
                TEST(if_match_reaches_the_statement_without_its_quotes),
                TEST(work_and_ready_replies_wait_for_the_context),
                TEST(earlier_answers_stay_readable_in_later_steps),
                TEST(what_does_not_open_is_never_sent),
                TEST(a_list_is_csv_when_asked_for),
                TEST(a_page_is_the_same_resource_rendered),
                TEST(a_form_without_its_token_asks_the_database_nothing),
                TEST(a_refused_form_is_shown_again_with_what_was_typed),
                TEST(answers_outlive_the_session_that_they_were_given_in),
                TEST(rows_that_say_too_little_are_refused_at_start),
        };
        return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
