/* A request from its header to its first step: what can be refused without asking anybody. */
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "crypto/token.h"
#include "internal.h"
#include "http/problem.h"

enum { USER_AGENT_MAX = 200 };

uint64_t clock_us(void) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t) now.tv_sec * 1000000 + (uint64_t) now.tv_nsec / 1000;
}

struct request *request_new(struct service *service) {
        struct arena *arena = arena_new();
        struct request *request = arena_alloc(arena, sizeof(*request));
        request->arena = arena;
        request->service = service;
        request->private = arena_alloc(arena, sizeof(*request->private));
        request->place = &request->private->target;
        request->match = &request->private->match;
        request->address = request->private->address;
        request->private->started_us = clock_us();
        uuid_new(request->id);
        return request;
}

void request_free(struct request *request) {
        if (!request)
                return;
        db_step_release(&request->step);
        for (struct spent *spent = request->private->spent; spent; spent = spent->next)
                db_step_release(&spent->step);
        json_decref(request->parameters);
        json_decref(request->body);
        json_decref(request->given);
        json_decref(request->faults);
        json_decref(request->frame);
        free(request->reply.data);
        arena_free(request->arena);
}

static bool refuse(struct request *request, const char *code, bool close) {
        reply_problem(request, code);
        request->reply.close |= close;
        return false;
}

static const struct header *find(const struct intake *intake, const char *name) {
        bool repeated;
        return header_find(intake->headers, name, &repeated);
}

static enum step_result nowhere_prepare(struct request *request) {
        request_call(request, "access/nothing");
        return STEP_DATABASE;
}

static enum step_result nowhere_finish(struct request *request) {
        return reply_problem(request, "not_found");
}

/* A page that does not exist, for somebody who is signed in: the context is asked so that the error page has its frame. */
const struct route route_nowhere = { METHOD_GET, "/", NULL, ROUTE_SIGNED_IN | ROUTE_PAGE_ONLY, "A page that is not there", "VIEW",
                                     .prepare = nowhere_prepare, .finish = nowhere_finish };

/* Chooses the route by path and method. A form can only POST, so a page's other writes are found by any of them; which
 * one it is says the form's `_method`. */
static bool choose_route(struct request *request, const char *method_text) {
        struct request_private *private = request->private;
        enum method method = method_parse(method_text);

        bool found = router_find(request->service->router, request->place, &private->match);
        request->is_head = strcmp(method_text, "HEAD") == 0;
        request->method = method;
        if (!found && private->wants_html && method == METHOD_GET && !private->has_body) {
                request->route = &route_nowhere;
                return true;
        }
        if (!found)
                return refuse(request, "not_found", private->has_body);
        if (method < METHOD_COUNT)
                request->route = private->match.by_method[method];
        if (!request->is_api && method == METHOD_POST)
                for (enum method m = METHOD_PUT; m < METHOD_COUNT && !request->route; m++)
                        request->route = private->match.by_method[m];
        if (!request->is_api && method > METHOD_POST)
                request->route = NULL;
        if (request->route)
                return true;
        refuse(request, "method_not_allowed", private->has_body);
        request->reply.allow = request->is_api ? router_allow(&private->match, request->arena)
                               : !private->match.by_method[METHOD_GET] ? "POST"
                               : strchr(router_allow(&private->match, request->arena), 'P') ? "GET, HEAD, POST"
                                                                                            : "GET, HEAD";
        return false;
}

/* Size and media type of the body, before a byte of it is read. */
static bool check_body_header(struct request *request, const struct intake *intake) {
        const struct header *length = find(intake, "content-length"), *type = find(intake, "content-type");
        const char *wanted = !request->is_api                  ? "application/x-www-form-urlencoded"
                             : request->method == METHOD_PATCH ? "application/merge-patch+json"
                                                               : "application/json";

        request->is_form = !request->is_api && request->method != METHOD_GET;
        if (!request->private->has_body)
                return true;
        if (request->method == METHOD_GET)
                return refuse(request, "unexpected_body", true);
        if (length && (length->value_size > 9 || strtoul(length->value, NULL, 10) > BODY_MAX))
                return refuse(request, "body_too_large", true);
        if (!media_type_is(type, wanted) || find(intake, "content-encoding"))
                return refuse(request, "unsupported_media_type", true);
        return true;
}

/* Whether any form in which the reply could come is accepted; a row that writes its own kind of reply decides
 * itself. */
static bool check_accept(struct request *request, const struct intake *intake) {
        const struct header *accept = find(intake, "accept");
        bool csv = request->route->flags & ROUTE_CSV, json = accept_takes(accept, "application/json");

        /* An explicit wish for CSV, or nothing else that fits: a browser that takes anything gets the page. */
        request->accepts_csv = csv && accept_takes(accept, "text/csv") &&
                               !(request->is_api ? json : request->private->wants_html);
        const char *format = target_argument(request->place, "format");
        if (csv && format && strcmp(format, "csv") == 0)
                request->accepts_csv = true;
        if (request->accepts_csv || (request->method == METHOD_GET && request->route->prepare && !request->route->page))
                return true;
        if (request->is_api ? json : request->private->wants_html)
                return true;
        return refuse(request, "not_acceptable", request->private->has_body);
}

/* The session: a bearer token for the API, a cookie for pages, never the other. Only what this site made counts. */
static bool read_credentials(struct request *request, const struct intake *intake) {
        char cookie[COOKIE_MAX], hash[SHA256_HEX];
        const struct keyring *keyring = request->service->keyring;

        if (!keyring)
                return true;
        if (request->is_api) {
                const struct header *authorization = find(intake, "authorization");
                size_t size = strlen("Bearer ");
                if (authorization && authorization->value_size > size &&
                    strncasecmp(authorization->value, "Bearer ", size) == 0) {
                        const char *token = arena_copy(request->arena, authorization->value + size,
                                                       authorization->value_size - size);
                        if (token_check(keyring, TOKEN_BEARER, token, hash) == 0)
                                request->session_hash = arena_string(request->arena, hash);
                }
                return true;
        }
        if (cookie_find(intake->headers, COOKIE_SESSION, cookie))
                return refuse(request, "bad_cookie", true);
        if (*cookie && token_check(keyring, TOKEN_COOKIE, cookie, hash) == 0)
                request->session_hash = arena_string(request->arena, hash);
        if (cookie_find(intake->headers, COOKIE_DEVICE, cookie))
                return refuse(request, "bad_cookie", true);
        if (*cookie && token_check(keyring, TOKEN_DEVICE, cookie, hash) == 0)
                request->device_hash = arena_string(request->arena, hash);
        return true;
}

static bool says_prefetch(const struct header *header) {
        return header && memmem(header->value, header->value_size, "prefetch", strlen("prefetch"));
}

/* A form must come from a page of ours. Browsers of today say where it comes from; the token of the session, which is
 * checked with the body, covers the others. */
static bool check_origin(struct request *request, const struct intake *intake) {
        const struct header *site = find(intake, "sec-fetch-site"), *origin = find(intake, "origin");
        const struct header *host = find(intake, "host");
        if (!request->is_form)
                return true;
        if (site && !(site->value_size == 11 && memcmp(site->value, "same-origin", 11) == 0) &&
            !(site->value_size == 4 && memcmp(site->value, "none", 4) == 0))
                return refuse(request, "csrf", request->private->has_body);
        if (!site && origin) {
                const char *slashes = memmem(origin->value, origin->value_size, "://", 3);
                size_t at = slashes ? (size_t) (slashes - origin->value) + 3 : 0;
                if (!slashes || origin->value_size - at != host->value_size ||
                    strncasecmp(origin->value + at, host->value, host->value_size) != 0)
                        return refuse(request, "csrf", request->private->has_body);
        }
        return true;
}

/* A text in double quotes: Idempotency-Key is an sf-string (RFC 8941), If-Match one strong entity tag. Both are held to
 * 1 to 64 printable characters without quote or backslash. "" when it is something else. */
static const char *read_quoted(struct request *request, const struct header *header) {
        if (!header)
                return NULL;
        const char *s = header->value;
        size_t size = header->value_size;
        if (size < 3 || size > 66 || s[0] != '"' || s[size - 1] != '"')
                return "";
        for (size_t i = 1; i + 1 < size; i++)
                if (s[i] < 0x20 || s[i] > 0x7e || s[i] == '"' || s[i] == '\\')
                        return "";
        return arena_copy(request->arena, s + 1, size - 2);
}

/* For people to recognise a session by, so anything but printable ASCII is as good as none. */
static const char *read_user_agent(struct request *request, const struct header *header) {
        size_t size = header ? header->value_size : 0;
        if (size > USER_AGENT_MAX)
                size = USER_AGENT_MAX;
        for (size_t i = 0; i < size; i++)
                if (header->value[i] < 0x20 || header->value[i] > 0x7e)
                        return NULL;
        return size > 0 ? arena_copy(request->arena, header->value, size) : NULL;
}

bool request_open(struct request *request, const struct intake *intake) {
        struct request_private *private = request->private;
        const struct header *forwarded = find(intake, "x-forwarded-for"), *length = find(intake, "content-length");
        const char *problem = guard_check(intake->headers, intake->method, intake->version);

        peer_address(intake->trusted, intake->socket_address, forwarded ? forwarded->value : NULL,
                     forwarded ? forwarded->value_size : 0, private->address);
        request->method = METHOD_COUNT;
        request->faults = json_array();
        request->parameters = json_object();
        if (problem)
                return refuse(request, problem, true);
        private->has_body = find(intake, "transfer-encoding") || (length && strtoull(length->value, NULL, 10) > 0);
        request->target = arena_string(request->arena, intake->target);
        private->wants_html = strncmp(request->target, API_PREFIX, strlen(API_PREFIX)) != 0 &&
                              accept_takes(find(intake, "accept"), "text/html");
        problem = target_parse(request->arena, request->target, &private->target);
        if (problem)
                return refuse(request, problem, true);
        request->is_api = target_is_api(&private->target);
        private->wants_html &= !request->is_api;
        request->prefetch = says_prefetch(find(intake, "sec-purpose")) || says_prefetch(find(intake, "purpose"));
        if (!choose_route(request, intake->method) || !check_body_header(request, intake) ||
            !check_accept(request, intake) || !read_credentials(request, intake) || !check_origin(request, intake))
                return false;
        if (request->route == &route_nowhere && !request->session_hash)
                return refuse(request, "not_found", false);
        if (request->prefetch && !(request->route->flags & (ROUTE_ANYONE | ROUTE_QUIET)))
                return refuse(request, "prefetch", private->has_body);
        const struct header *none_match = find(intake, "if-none-match");
        if (none_match)
                private->if_none_match = arena_copy(request->arena, none_match->value, none_match->value_size);
        request->user_agent = read_user_agent(request, find(intake, "user-agent"));
        request->if_match = read_quoted(request, find(intake, "if-match"));
        request->idempotency_key = read_quoted(request, find(intake, "idempotency-key"));
        return true;
}
