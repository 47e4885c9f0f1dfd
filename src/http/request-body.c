/* The body of a request, and what a form carries beside its answers. */
#include <string.h>

#include "crypto/token.h"
#include "http/codes.h"
#include "internal.h"

static void wrong(struct request *request, const char *problem) {
        if (!request->private->problem)
                request->private->problem = problem;
}

/* Hidden inputs hold what headers hold in the API. An entity tag may stand in its quotes there too. */
static const char *read_hidden(struct request *request, const char *text) {
        size_t size = text ? strlen(text) : 0;
        if (!text)
                return NULL;
        if (size >= 2 && text[0] == '"' && text[size - 1] == '"')
                text = arena_copy(request->arena, text + 1, size -= 2);
        for (const char *p = text; *p; p++)
                if (*p < 0x20 || *p > 0x7e || *p == '"' || *p == '\\')
                        return "";
        return size <= 64 ? text : "";
}

/* The route that the form's `_method` means, POST without one. */
static bool choose_by_form(struct request *request) {
        const char *name = request->private->hidden.method;
        enum method method = name ? method_parse(name) : METHOD_POST;
        const struct route *route = method > METHOD_GET && method < METHOD_COUNT ? request->match->by_method[method]
                                                                                 : NULL;
        if (!route)
                return false;
        request->method = method;
        request->route = route;
        return true;
}

static void read_form(struct request *request, const char *body, size_t size) {
        struct form_hidden *hidden = &request->private->hidden;
        const char *problem = body_split_form(request->arena, body, size, &request->given, hidden);

        if (!problem && !choose_by_form(request))
                problem = "method_not_allowed";
        if (problem) {
                wrong(request, problem);
                return;
        }
        request->if_match = read_hidden(request, hidden->etag);
        request->idempotency_key = read_hidden(request, hidden->key);
        request->body = form_to_body(request->given, request->route->body ? request->route->body->fields
                                                                         : &(struct field) { 0 });
        form_forget_secrets(request->given, request->route->body ? request->route->body->fields : NULL);
        if (!(request->route->flags & ROUTE_ANYONE) && request->session_hash &&
            (!hidden->csrf || csrf_check(request->service->keyring, request->session_hash, hidden->csrf) != 0))
                wrong(request, "csrf");
}

static void read_json(struct request *request, const char *body, size_t size) {
        if (size == 0 && request->route->body && request->route->method != METHOD_DELETE)
                wrong(request, "body_missing");
        else if (size == 0)
                request->body = json_object();
        else {
                const char *problem = body_read_json(body, size, &request->body);
                if (problem)
                        wrong(request, problem);
        }
}

static void check_conditions(struct request *request) {
        if (request->route->flags & ROUTE_CREATES) {
                if (!request->idempotency_key || !*request->idempotency_key)
                        wrong(request, "key_required");
        } else
                request->idempotency_key = NULL;
        if ((request->route->flags & ROUTE_VERSIONED) && !request->if_match)
                wrong(request, "precondition_required");
        if (request->if_match && !*request->if_match) {
                wrong(request, "bad_precondition");
                request->if_match = NULL; /* a tag that is none is not compared with anything */
        }
}

void request_read_body(struct request *request, const char *body, size_t size) {
        static const struct field no_fields[] = { { 0 } };

        if (request->method == METHOD_GET)
                return;
        if (request->is_form)
                read_form(request, body, size);
        else
                read_json(request, body, size);
        check_conditions(request);
        if (!request->body)
                return;
        const struct body_schema *schema = request->route->body;
        if (request->method == METHOD_PATCH)
                body_check_patch(request->body, schema ? schema->fields : no_fields, codes_exist, request->faults);
        else
                body_check(request->body, schema ? schema->fields : no_fields, "", codes_exist, request->faults);
        if (schema && schema->check && json_array_size(request->faults) == 0)
                schema->check(request->body, request->faults);
}
