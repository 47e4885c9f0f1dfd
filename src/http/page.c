/* Pages: rendering, the error page, showing a refused form again, and answers held over a sign-in. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "crypto/token.h"
#include "http/codes.h"
#include "internal.h"
#include "http/problem.h"
#include "view/page.h"

#define PAGE_ERROR "error"
#define PATH_SIGN_IN "/sign-in"
#define HELD_PURPOSE "held_answers"

/* Where a page leads when something has to be done first. */
const char *page_of_verdict(enum verdict verdict) {
        switch (verdict) {
        case VERDICT_SECOND_FACTOR: return "/second-factor";
        case VERDICT_PENDING: return "/password";
        default: return NULL;
        }
}

static const char *label_of(void *userdata, const char *list, const char *code) {
        return userdata ? codes_label(userdata, list, code) : NULL;
}

/* "/people/0/name" stands in the page as id "people-0-name". */
static json_t *errors_with_links(json_t *faults) {
        json_t *errors = json_array(), *fault;
        size_t i;

        json_array_foreach(faults, i, fault) {
                const char *field = json_string_value(json_object_get(fault, "field"));
                json_t *error = json_copy(fault);
                char href[300];
                size_t n = (size_t) snprintf(href, sizeof(href), "#%s",
                                             field && *field ? field + (*field == '/') : "main-content");
                for (size_t c = 1; c < n && c < sizeof(href); c++)
                        if (href[c] == '/')
                                href[c] = '-';
                json_object_set_new(error, "href", json_string(href));
                json_array_append_new(errors, error);
        }
        return errors;
}

/* What every page may show, besides what the context statement said of the actor. */
static json_t *make_frame(struct request *request) {
        json_t *frame = json_is_object(request->frame) ? json_incref(request->frame) : json_object();
        char csrf[CSRF_TEXT], key[UUID_TEXT];
        /* A form that is shown again still belongs to the page as it was asked for. */
        const char *query = request->refused ? request->private->hidden.query : request->place->query;

        uuid_new(key);
        json_object_set_new(frame, "lang", json_string("en"));
        json_object_set_new(frame, "dir", json_string("ltr"));
        json_object_set_new(frame, "request_id", json_string(request->id));
        json_object_set_new(frame, "path", json_string(request->place->path ? request->place->path : "/"));
        json_object_set_new(frame, "query", json_string(query ? query : ""));
        json_object_set_new(frame, "key", json_string(key));
        json_object_set_new(frame, "assets", json_string(request->service->assets_base));
        if (request->session_hash) {
                csrf_token(request->service->keyring, request->session_hash, csrf);
                json_object_set_new(frame, "csrf", json_string(csrf));
        }
        if (request->given)
                json_object_set(frame, "given", request->given);
        if (request->service->frame)
                request->service->frame(request, frame);
        return frame;
}

/* What belongs to this page alone: its title, and what was wrong with the form that it shows again. */
static json_t *make_context(struct request *request, json_t *resource) {
        const char *title = json_string_value(json_object_get(resource, "title"));
        bool has_errors = json_array_size(request->faults) > 0;
        json_t *context = json_pack("{s:s, s:b}", "title", title ? title : "", "has_errors", has_errors);
        if (has_errors)
                json_object_set_new(context, "errors", errors_with_links(request->faults));
        return context;
}

static enum step_result render(struct request *request, unsigned status, const char *page, json_t *resource) {
        _cleanup_(codes_unref_p) struct codes *codes = codes_current();
        const struct template_options options = { .label = label_of, .userdata = codes };
        json_t *frame = make_frame(request), *context = make_context(request, resource);
        struct buffer out = { 0 };
        size_t size;

        int r = page_render(request->service->templates, page, frame, context, resource, &options, &out);
        json_decref(frame);
        json_decref(context);
        if (r < 0) {
                log_error("page_not_rendered", "page", page, "error", log_number(r));
                buffer_clear(&out);
                return STEP_FAULT;
        }
        char *data = buffer_take(&out, &size);
        return reply_text(request, status, "text/html; charset=utf-8", data, size);
}

enum step_result reply_page(struct request *request, unsigned status, const char *page, json_t *resource) {
        if (request->route && request->route->decorate)
                request->route->decorate(request, resource);
        return render(request, request->refused ? request->refused_status : status, page, resource);
}

/* The error page; where even that cannot be made, the same as JSON. */
enum step_result page_problem(struct request *request, const struct problem *problem) {
        const struct template_set *templates = request->service->templates;
        json_t *resource = problem_to_json(problem, request->id, request->faults);
        enum step_result result = STEP_FAULT;

        if (templates && template_exists(templates, PAGE_ERROR))
                result = render(request, problem->status, PAGE_ERROR, resource);
        json_decref(resource);
        if (result == STEP_REPLY)
                return result;
        request->private->wants_html = false;
        return reply_problem(request, problem->code);
}

void request_take_page_query(struct request *request) {
        const char *query = request->private->hidden.query;
        struct target shown = { .query = "" };
        if (!query || target_parse_query(request->arena, query, &shown))
                return;
        for (size_t i = 0; i < shown.n_arguments; i++)
                if (*shown.arguments[i].value && !json_object_get(request->parameters, shown.arguments[i].name))
                        json_object_set_new(request->parameters, shown.arguments[i].name,
                                            json_string(shown.arguments[i].value));
}

/* Everything of the page's own GET, except that the status, the answers and the faults are those of the form. */
enum step_result page_again(struct request *request, unsigned status) {
        const struct route *page = request->match->by_method[METHOD_GET];

        if (request->refused || !page || !page->page)
                return reply_problem(request, status == 422 ? "invalid" : status == 412 ? "stale" : "conflict");
        json_object_clear(request->parameters);
        router_parameters(page, request->place, request->parameters);
        request_take_page_query(request);
        reply_reset(request);
        request->refused = true;
        request->refused_status = status;
        request->route = page;
        request->stage = 0;
        request->private->problem = NULL;
        request->private->gate = false;
        return drive_route(request);
}

const char *request_hold(struct request *request) {
        _cleanup_buffer_ struct buffer out = { 0 };
        _cleanup_free_ char *text = NULL;

        if (!request->is_form || !request->given || !request->session_hash || !request->service->keyring)
                return NULL;
        const struct form_hidden *hidden = &request->private->hidden;
        json_t *given = json_copy(request->given);
        /* Without these the form would be another one when it is sent again. */
        if (hidden->method)
                json_object_set_new(given, "_method", json_string(hidden->method));
        if (hidden->etag)
                json_object_set_new(given, "_etag", json_string(hidden->etag));
        json_t *held = json_pack("{s:s, s:s, s:s, s:o}", "session", request->session_hash,
                                 "target", request->place->path,
                                 "query", hidden->query ? hidden->query : "", "given", given);
        text = json_dumps(held, JSON_COMPACT);
        json_decref(held);
        if (!text || strlen(text) > HELD_MAX ||
            token_blob_seal(request->service->keyring, HELD_PURPOSE, text, strlen(text), time(NULL) + HELD_SECONDS,
                            &out))
                return NULL;
        return arena_copy(request->arena, out.data, out.size);
}

int request_open_held(struct request *request, const char *text, struct held *ret_held) {
        _cleanup_buffer_ struct buffer out = { 0 };

        if (token_blob_open(request->service->keyring, HELD_PURPOSE, text, time(NULL), &out) != 0)
                return 1;
        json_t *held = json_loadb(out.data, out.size, 0, NULL);
        json_t *given = json_object_get(held, "given");
        if (given)
                *ret_held = (struct held) {
                        .session_hash =
                                arena_string(request->arena, json_string_value(json_object_get(held, "session"))),
                        .target = arena_string(request->arena, json_string_value(json_object_get(held, "target"))),
                        .query = arena_string(request->arena, json_string_value(json_object_get(held, "query"))),
                        .given = json_incref(given),
                };
        json_decref(held);
        return given ? 0 : 1;
}

static const struct route *find_page(struct request *request, const char *path) {
        struct router_match match;
        struct target target;
        if (target_parse(request->arena, path, &target) || !router_find(request->service->router, &target, &match))
                return NULL;
        return match.by_method[METHOD_GET];
}

/* The sign-in page in place of the form's own. The answers are in what is held, so the page must not take them for
 * its. */
static enum step_result sign_in_holding(struct request *request, const struct problem *problem) {
        const struct route *row = request->route, *sign_in = find_page(request, PATH_SIGN_IN);
        const char *held = request_hold(request);

        if (!sign_in || !sign_in->page)
                return reply_problem(request, problem->code);
        json_t *resource = problem_to_json(problem, request->id, NULL);
        json_object_set_new(resource, "next", json_string(request->place->path));
        if (held)
                json_object_set_new(resource, "held", json_string(held));
        json_decref(request->given);
        json_decref(request->body);
        json_array_clear(request->faults);
        request->given = request->body = NULL;
        request->route = sign_in;
        enum step_result result = reply_page(request, problem->status, sign_in->page, resource);
        request->route = row;
        json_decref(resource);
        return result;
}

enum step_result page_sign_in(struct request *request, const char *code) {
        _cleanup_buffer_ struct buffer location = { 0 };

        if (request->route->method == METHOD_GET && !request->refused) {
                buffer_append_string(&location, PATH_SIGN_IN "?next=");
                target_encode(&location, request->target);
                return reply_see_other(request, location.data);
        }
        return sign_in_holding(request, problem_find(code));
}
