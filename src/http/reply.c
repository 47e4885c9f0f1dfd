/* Completing a reply. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "crypto/seal.h"
#include "db/sqlstate.h"
#include "internal.h"
#include "http/problem.h"

static const char type_json[] = "application/json";

void reply_reset(struct request *request) {
        free(request->reply.data);
        request->reply = (struct reply) { 0 };
}

enum step_result reply_text(struct request *request, unsigned status, const char *content_type, char *data,
                            size_t size) {
        free(request->reply.data);
        request->reply.status = status;
        request->reply.content_type = content_type;
        request->reply.data = data;
        request->reply.size = size;
        return STEP_REPLY;
}

enum step_result reply_bytes(struct request *request, unsigned status, const char *content_type, char *data,
                             size_t size) {
        return reply_text(request, status, content_type, data, size);
}

static enum step_result reply_empty(struct request *request, unsigned status) {
        return reply_text(request, status, NULL, NULL, 0);
}

/* 503 and 429 say when to come again. */
static unsigned retry_after(unsigned status) {
        return status == 429 ? 30 : status == 503 ? 2 : 0;
}

/* Faults are for those who were let through: a 401, 403, 404, 409 or 412 must say the same whatever was sent. */
static void forget_faults(struct request *request, unsigned status) {
        if (status != 400 && status != 422)
                json_array_clear(request->faults);
}

enum step_result reply_problem(struct request *request, const char *code) {
        const struct problem *problem = problem_find(code);
        struct buffer out = { 0 };
        size_t size;

        if (!problem) {
                log_error("problem_unknown", "code", code);
                problem = problem_find("defect");
        }
        if (!request->reply.retry_after)
                request->reply.retry_after = retry_after(problem->status);
        request->reply.authenticate = problem->status == 401;
        forget_faults(request, problem->status);
        if (request->private->wants_html)
                return page_problem(request, problem);
        problem_write(problem, request->id, request->faults, &out);
        char *data = buffer_take(&out, &size);
        return reply_text(request, problem->status, "application/problem+json", data, size);
}

enum step_result reply_faults(struct request *request) {
        return request->is_form ? page_again(request, 422) : reply_problem(request, "invalid");
}

enum step_result reply_see_other(struct request *request, const char *location) {
        request->reply.location = arena_string(request->arena, location);
        return reply_empty(request, 303);
}

enum step_result reply_json(struct request *request, unsigned status, json_t *body) {
        char *text = json_dumps(body, JSON_COMPACT | JSON_REAL_PRECISION(12));
        return text ? reply_text(request, status, type_json, text, strlen(text)) : STEP_FAULT;
}

void reply_cookie(struct request *request, const char *name, const char *value, unsigned seconds) {
        const char **place = request->reply.set_cookie;
        if (*place)
                place++;
        const char *age = !value ? "; Max-Age=0" : seconds ? arena_format(request->arena, "; Max-Age=%u", seconds) : "";
        *place = arena_format(request->arena, "%s=%s; Path=/; Secure; HttpOnly; SameSite=Lax%s", name,
                              value ? value : "", age);
}

/* The body with what was sealed opened, NUL-terminated; false when something does not open. */
static bool open_body(struct request *request, struct buffer *out) {
        const struct db_step *step = &request->step;
        int r = seal_splice(request->service->keyring, step->body, step->body_size, out);
        if (r == SEAL_NOTHING)
                buffer_append(out, step->body, step->body_size);
        else if (r < 0)
                log_error("reply_not_opened", "query", step->call.query->name, "error", strerror(-r));
        return r >= 0;
}

json_t *request_resource(struct request *request) {
        _cleanup_buffer_ struct buffer text = { 0 };
        if (!request->step.body || !open_body(request, &text))
                return NULL;
        return json_loadb(text.data, text.size, 0, NULL);
}

/* A list that goes on: the statement gave the last row's key as its location. The member goes in behind the others, so
 * that the text need not be parsed. */
static void add_next(struct request *request, struct buffer *text) {
        const char *payload = request->step.location, *next;
        if (request->route->method != METHOD_GET || !payload || text->size < 2 || text->data[text->size - 1] != '}')
                return;
        next = parameters_next(request, payload);
        if (!next)
                return;
        text->data[--text->size] = '\0';
        size_t last = text->size;
        while (last > 0 && strchr(" \t\r\n", text->data[last - 1]))
                last--;
        buffer_append_format(text, "%s\"next\":\"%s\"}", last > 0 && text->data[last - 1] == '{' ? "" : ",", next);
        request->reply.link = arena_format(request->arena, "<%s>; rel=\"next\"", next);
}

static enum step_result reply_csv(struct request *request, struct buffer *text) {
        json_t *resource = json_loadb(text->data, text->size, 0, NULL);
        struct buffer out = { 0 };
        size_t size;

        if (!resource)
                return STEP_FAULT;
        request->route->csv(resource, &out);
        json_decref(resource);
        const char *name = strrchr(request->route->path, '/') + 1;
        request->reply.disposition = arena_format(request->arena, "attachment; filename=\"%s.csv\"", name);
        char *data = buffer_take(&out, &size);
        return reply_text(request, 200, "text/csv; charset=utf-8", data, size);
}

static enum step_result reply_read(struct request *request) {
        _cleanup_buffer_ struct buffer text = { 0 };
        size_t size;

        if (!request->step.body || !open_body(request, &text))
                return STEP_FAULT;
        add_next(request, &text);
        if (request->accepts_csv && request->route->csv)
                return reply_csv(request, &text);
        if (request->is_api || !request->route->page) {
                char *data = buffer_take(&text, &size);
                return reply_text(request, 200, type_json, data, size);
        }
        json_t *resource = json_loadb(text.data, text.size, 0, NULL);
        if (!json_is_object(resource)) {
                json_decref(resource);
                return STEP_FAULT;
        }
        enum step_result result = reply_page(request, 200, request->route->page, resource);
        json_decref(resource);
        return result;
}

static enum step_result reply_write(struct request *request, enum outcome outcome) {
        const struct db_step *step = &request->step;
        bool creates = outcome == OUTCOME_CREATED ||
                       (outcome == OUTCOME_REPLAYED && (request->route->flags & ROUTE_CREATES));
        struct buffer text = { 0 };
        size_t size;

        if (!request->is_api) {
                const char *location = step->location ? step->location : request->place->path;
                return reply_see_other(request, location);
        }
        if (step->location && creates)
                request->reply.location = arena_format(request->arena, API_PREFIX "%s", step->location);
        if (!step->body)
                return reply_empty(request, 204);
        if (!open_body(request, &text)) {
                buffer_clear(&text);
                return STEP_FAULT;
        }
        char *data = buffer_take(&text, &size);
        return reply_text(request, creates ? 201 : 200, type_json, data, size);
}

/* The fault that a constraint stands for. Returns the code to answer with. */
static const char *add_refusal(struct request *request, const char *sqlstate, const char *constraint) {
        const struct refusal *refusal = sqlstate_refusal(sqlstate, constraint);
        if (strcmp(refusal->code, "fault") == 0) {
                log_error("refusal_unforeseen", "query", request->step.call.query->name, "constraint",
                          constraint ? constraint : "");
                return "defect";
        }
        fault_add(request->faults, refusal->field, refusal->code, refusal->message);
        return strcmp(refusal->code, "conflict") == 0 ? "conflict" : "invalid";
}

/* What the statement says of its refusal: `errors` are faults of the answers, `problem` is a more exact row of the
 * problem table, `retry_after` is in seconds; `sqlstate` and `constraint` are of a violation that a function caught.
 * Returns the code to answer with. */
static const char *read_refusal(struct request *request, const char *code) {
        const struct db_step *step = &request->step;
        json_t *body = step->body ? json_loadb(step->body, step->body_size, 0, NULL) : NULL, *item;
        const char *exact = json_string_value(json_object_get(body, "problem"));
        const char *sqlstate = json_string_value(json_object_get(body, "sqlstate"));
        json_int_t seconds = json_integer_value(json_object_get(body, "retry_after"));
        size_t i;

        json_array_foreach(json_object_get(body, "errors"), i, item)
                if (json_array_size(request->faults) < BODY_FAULTS_MAX)
                        json_array_append(request->faults, item);
        if (sqlstate)
                code = add_refusal(request, sqlstate, json_string_value(json_object_get(body, "constraint")));
        if (exact && problem_find(exact))
                code = problem_find(exact)->code;
        if (seconds > 0 && seconds <= 86400)
                request->reply.retry_after = (unsigned) seconds;
        json_decref(body);
        return code;
}

/* A form that can be put right is shown again. A page that is being made again and was refused itself says that, not
 * what the form had. */
static enum step_result reply_refused(struct request *request, const char *code) {
        const struct problem *problem = problem_find(code);
        bool again = request->is_form && !request->refused &&
                     (problem->status == 422 || problem->status == 409 || problem->status == 412);
        if (!again)
                return reply_problem(request, code);
        if (json_array_size(request->faults) == 0)
                fault_add(request->faults, "", code, problem->detail);
        return page_again(request, problem->status);
}

enum step_result reply_refusal(struct request *request, const char *sqlstate, const char *constraint) {
        return reply_refused(request, add_refusal(request, sqlstate, constraint));
}

enum step_result reply_outcome(struct request *request) {
        enum outcome outcome = outcome_parse(request->step.outcome);
        const char *code = problem_of_outcome(outcome);

        if (!code) {
                if (request->step.etag)
                        request->reply.etag = arena_string(request->arena, request->step.etag);
                return request->route->method == METHOD_GET ? reply_read(request) : reply_write(request, outcome);
        }
        if (outcome == OUTCOME_UNKNOWN)
                log_error("outcome_unknown", "query", request->step.call.query->name);
        return reply_refused(request, read_refusal(request, code));
}
