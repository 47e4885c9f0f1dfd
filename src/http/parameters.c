/* Filling a statement's parameters by their names, and holding every value to its declaration before it is sent. */
#include <string.h>

#include "base/buffer.h"
#include "base/log.h"
#include "crypto/digest.h"
#include "crypto/token.h"
#include "http/codes.h"
#include "internal.h"

void request_call(struct request *request, const char *query) {
        request->step.call = (struct db_call) { .query = query_find(request->service->queries, query) };
}

static int find_parameter(const struct query *query, const char *name) {
        for (unsigned i = 0; query && i < query->n_parameters; i++)
                if (strcmp(query->parameters[i].name, name) == 0)
                        return (int) i;
        return -1;
}

void request_value(struct request *request, const char *name, const char *value) {
        int i = find_parameter(request->step.call.query, name);
        if (i >= 0)
                request->step.call.values[i] = value;
        else
                log_error("parameter_unknown", "name", name, "route", request->route->path);
}

void request_value_json(struct request *request, const char *name, const json_t *value) {
        _cleanup_free_ char *text = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
        request_value(request, name, text ? arena_string(request->arena, text) : NULL);
}

const char *request_parameter(const struct request *request, const char *name) {
        return json_string_value(json_object_get(request->parameters, name));
}

const char *request_text(const struct request *request, const char *member) {
        return json_string_value(json_object_get(request->body, member));
}

static void fault_argument(struct request *request, const char *name, const char *code, const char *message) {
        fault_add(request->faults, name, code, message);
}

/* Names that this room itself fills in; a query string must not. */
static bool is_ours(const char *name) {
        static const char *const ours[] = { "etag", "idempotency_key", "idempotency_hash" };
        for (size_t i = 0; i < ELEMENTS(ours); i++)
                if (strcmp(ours[i], name) == 0)
                        return true;
        return false;
}

void parameters_check_names(struct request *request) {
        const struct target *place = request->place;
        const struct route *route = request->route;
        const struct query *query = route->query ? query_find(request->service->queries, route->query) : NULL;

        for (size_t i = 0; i < place->n_arguments; i++) {
                const char *name = place->arguments[i].name, *value = place->arguments[i].value;
                bool known = request->method == METHOD_GET &&
                             (query ? find_parameter(query, name) >= 0 && !is_ours(name)
                                    : route->prepare || route->page);
                if ((route->flags & ROUTE_CSV) && strcmp(name, "format") == 0)
                        continue;
                if (!known || json_object_get(request->parameters, name)) {
                        fault_argument(request, name, "unknown_argument",
                                       "This is not a name that can be asked for here");
                        request->private->problem = "unknown_argument";
                } else if (*value)
                        json_object_set_new(request->parameters, name, json_string(value));
        }
}

/* A cursor is good for the list, filters included, that it was made for. */
static const char *cursor_purpose(struct request *request) {
        _cleanup_buffer_ struct buffer text = { 0 };
        char hex[SHA256_HEX];

        buffer_append_string(&text, request->route->path);
        for (size_t i = 0; i < request->place->n_arguments; i++) {
                const struct target_argument *argument = &request->place->arguments[i];
                if (strcmp(argument->name, "cursor") == 0 || strcmp(argument->name, "limit") == 0 || !*argument->value)
                        continue;
                buffer_append_char(&text, '&');
                target_encode(&text, argument->name);
                buffer_append_char(&text, '=');
                target_encode(&text, argument->value);
        }
        digest_sha256_hex(text.data, text.size, hex);
        return arena_format(request->arena, "cursor|%s", hex);
}

static const char *open_cursor(struct request *request, const char *text) {
        _cleanup_buffer_ struct buffer payload = { 0 };
        if (cursor_check(request->service->keyring, cursor_purpose(request), text, &payload) != 0)
                return NULL;
        return arena_copy(request->arena, payload.data, payload.size);
}

const char *parameters_next(struct request *request, const char *payload) {
        _cleanup_buffer_ struct buffer next = { 0 };

        buffer_append_string(&next, request->place->path);
        buffer_append_char(&next, '?');
        for (size_t i = 0; i < request->place->n_arguments; i++) {
                const struct target_argument *argument = &request->place->arguments[i];
                if (strcmp(argument->name, "cursor") == 0 || !*argument->value)
                        continue;
                target_encode(&next, argument->name);
                buffer_append_char(&next, '=');
                target_encode(&next, argument->value);
                buffer_append_char(&next, '&');
        }
        buffer_append_string(&next, "cursor=");
        if (cursor_sign(request->service->keyring, cursor_purpose(request), payload, strlen(payload), &next) != 0)
                return NULL;
        return arena_copy(request->arena, next.data, next.size);
}

/* References as people type them become as they are stored. */
static const char *canonical(struct request *request, const struct parameter *parameter, const char *value) {
        char reference[REFERENCE_TEXT];
        if (parameter->type == PARAMETER_REFERENCE && reference_parse(value, reference))
                return arena_string(request->arena, reference);
        return value;
}

void parameters_fill(struct request *request, const char *name) {
        request_call(request, name);
        const struct query *query = request->step.call.query;

        for (unsigned i = 0; query && i < query->n_parameters; i++) {
                const struct parameter *parameter = &query->parameters[i];
                const char *value = request_parameter(request, parameter->name);
                if (value && parameter->type == PARAMETER_CURSOR) {
                        value = open_cursor(request, value);
                        if (!value && !request->refused)
                                request->private->problem = "bad_cursor";
                }
                request->step.call.values[i] = value ? canonical(request, parameter, value) : parameter->default_value;
        }
}

static const char *context_value(struct request *request, const char *name) {
        const struct route *route = request->route;
        const struct {
                const char *name, *value;
        } known[] = {
                { "session", request->session_hash },
                { "device", request->device_hash },
                { "permission", route->permission },
                { "request", request->id },
                { "method", method_name(route->method) },
                { "route", route->path },
                { "action", route->action },
                { "address", request->address },
                { "before", route->flags & ROUTE_BEFORE_SECOND_FACTOR ? "true" : "false" },
                { "frame", request->is_api ? "false" : "true" },
        };
        for (size_t i = 0; i < ELEMENTS(known); i++)
                if (strcmp(known[i].name, name) == 0)
                        return known[i].value;
        return NULL;
}

void parameters_fill_context(struct request *request) {
        struct service *service = request->service;
        struct db_call *context = &request->step.context;

        context->query = request->route->flags & ROUTE_ANYONE ? service->context_anyone : service->context;
        for (unsigned i = 0; context->query && i < context->query->n_parameters; i++)
                context->values[i] = context_value(request, context->query->parameters[i].name);
}

/* What makes two requests under one Idempotency-Key the same: method, path and body, whatever the order of members. The
 * body may name people, so the digest is keyed: it must not confirm a guess at an erased narrative. */
static const char *idempotency_hash(struct request *request) {
        _cleanup_free_ char *body = json_dumps(request->body, JSON_COMPACT | JSON_SORT_KEYS);
        _cleanup_buffer_ struct buffer text = { 0 };
        const struct keyring_key *key = keyring_at(request->service->keyring, KEYRING_INDEX, 0);
        unsigned char mac[SHA256_SIZE];
        char hex[SHA256_HEX];

        buffer_append_format(&text, "idempotency\n%s\n%s\n%s", method_name(request->method), request->place->path,
                             body ? body : "");
        digest_hmac_sha256(key->key, sizeof(key->key), text.data, text.size, mac);
        memory_erase(text.data, text.size);
        hex_encode(mac, sizeof(mac), hex);
        return arena_string(request->arena, hex);
}

static void fill_ours(struct request *request, struct db_call *call) {
        int i;
        if ((i = find_parameter(call->query, "idempotency_key")) >= 0)
                call->values[i] = request->idempotency_key;
        if ((i = find_parameter(call->query, "idempotency_hash")) >= 0 && request->idempotency_key)
                call->values[i] = idempotency_hash(request);
        if ((i = find_parameter(call->query, "etag")) >= 0)
                call->values[i] = request->if_match;
}

/* Whose fault a value is that does not fit: a path parameter of the wrong form names nothing that exists. */
static const char *blame(struct request *request, const struct parameter *parameter, const char *code) {
        if (target_argument(request->place, parameter->name)) {
                fault_argument(request, parameter->name, code, "This value is not of the right kind");
                return "bad_argument";
        }
        if (request_parameter(request, parameter->name))
                return "not_found";
        if (strcmp(parameter->name, "etag") == 0)
                return "stale"; /* no tag of ours looks like that */
        if (request->route->query && strcmp(code, "required") == 0) {
                fault_argument(request, parameter->name, code, "This has to be given");
                return "bad_argument";
        }
        log_error("parameter_unfit", "query", request->step.call.query->name, "parameter", parameter->name, "code",
                  code);
        return "defect";
}

const char *parameters_complete(struct request *request) {
        struct db_call *call = &request->step.call;
        const char *code, *problem = NULL;

        fill_ours(request, call);
        for (unsigned i = 0; i < call->query->n_parameters; i++) {
                const struct parameter *parameter = &call->query->parameters[i];
                if (call->values[i])
                        call->values[i] = canonical(request, parameter, call->values[i]);
                if (parameter_check(parameter, call->values[i], codes_exist, &code) == 0)
                        continue;
                const char *found = blame(request, parameter, code);
                if (!problem || strcmp(found, "defect") == 0)
                        problem = found;
        }
        return problem;
}
