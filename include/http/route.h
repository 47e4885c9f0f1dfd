/* The route table's row, and a request on its way through it. One row is the whole truth about a route; the table
 * itself is src/main/routes.c. */
#ifndef HTTP_ROUTE_H
#define HTTP_ROUTE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"
#include "base/uuid.h"
#include "db/executor.h"
#include "http/body.h"

enum method { METHOD_GET, METHOD_POST, METHOD_PUT, METHOD_PATCH, METHOD_DELETE, METHOD_COUNT };

enum route_flag {
        ROUTE_ANYONE = 1 << 0,      /* no session needed; the context is the empty one */
        ROUTE_PAGE_ONLY = 1 << 1,   /* no /api/v1 twin */
        ROUTE_API_ONLY = 1 << 2,    /* no page */
        ROUTE_CREATES = 1 << 3,     /* Idempotency-Key required (the API; forms carry one hidden) */
        ROUTE_VERSIONED = 1 << 4,   /* If-Match required (the API; forms carry it hidden as _etag) */
        ROUTE_CSV = 1 << 5,         /* Accept: text/csv answers CSV, by the row's `csv` */
        ROUTE_REPORT = 1 << 6,      /* the report lane */
        ROUTE_SIGNED_IN = 1 << 7,   /* any signed-in account; permission is NULL */
        ROUTE_BEFORE_SECOND_FACTOR = 1 << 8, /* allowed while the session still lacks its second factor or a new password */
};

struct request;
struct reply;

/* What a step's function answers. */
enum step_result {
        STEP_DATABASE, /* request->step.call is filled: run it, then call `finish` */
        STEP_WORK,     /* request->work is set: run it on a worker, then call `finish` */
        STEP_REPLY,    /* request->reply is complete */
        STEP_FAULT,    /* a defect: 500 */
};

struct route {
        enum method method;
        const char *path;       /* "/referrals/{referral}/transitions": a {name} is one segment, taken as parameter */
        const char *permission; /* code of table permission; NULL with ROUTE_ANYONE or ROUTE_SIGNED_IN */
        unsigned flags;
        const char *about;      /* one sentence: OpenAPI summary and the route list */
        const char *action;     /* audit action of the DENY event and of the access log: "VIEW", "CREATE", ... */
        const char *query;      /* a read: the query's name; parameters by name from path and query string */
        const char *page;       /* template, or NULL */
        const struct body_schema *body;
        /* A write: `prepare` is called with a checked body and fills request->step.call (or sets work, or replies);
         * `finish` is called with the result. A finish that asks for another step is called again after it;
         * request->stage counts the calls. */
        enum step_result (*prepare)(struct request *request);
        enum step_result (*finish)(struct request *request);
        /* Before a page is rendered: may add members to the parsed resource (bind a form, draw a chart). */
        void (*decorate)(struct request *request, json_t *resource);
        /* Writes the resource as CSV, for ROUTE_CSV. */
        void (*csv)(json_t *resource, struct buffer *out);
};

struct reply {
        unsigned status;
        const char *content_type;
        char *data;  /* owned, free() */
        size_t size;
        const char *location, *etag, *set_cookie, *allow; /* in the request's arena */
        unsigned retry_after;
        const char *cache_control; /* NULL: no-store */
        bool not_body;             /* 204, 303, 304 */
};

struct request {
        struct arena *arena; /* lives as long as the request; everything below points into it unless said */
        const struct route *route;
        struct service *service; /* everything long-lived: executor, queries, keyring, templates, settings, codes */
        char id[UUID_TEXT];
        enum method method;
        const char *target;       /* raw, bounded */
        bool is_api, is_form, prefetch, accepts_csv;
        const char *address;      /* of the client, by the trusted proxy's word if one is configured */
        const char *session_hash; /* 64 hex or NULL; the MAC was good */
        const char *device_hash;  /* of the device cookie, or NULL */
        const char *idempotency_key, *if_match;
        json_t *parameters;       /* object of strings: path parameters and query string; owned */
        json_t *body;             /* object or NULL; owned */
        json_t *faults;           /* array, empty when the body is sound; owned */
        json_t *frame;            /* what the context statement said of the actor; pages; owned */
        struct db_step step;
        void (*work)(struct request *request); /* runs on a worker thread */
        unsigned stage;
        void *state;              /* a handler's own, from the arena */
        struct reply reply;
        struct connection *connection; /* private to http/server.c */
};

/* For handlers. Values are borrowed by the step until it is done: give arena or static texts. */
void request_call(struct request *request, const char *query); /* chooses step.call.query and clears its values */
void request_value(struct request *request, const char *name, const char *value);
void request_value_json(struct request *request, const char *name, const json_t *value); /* dumps into the arena */
const char *request_parameter(const struct request *request, const char *name);          /* NULL when absent */

/* Replies. Each completes request->reply and returns STEP_REPLY. */
enum step_result reply_outcome(struct request *request);        /* by the outcome of the step: the usual end of a `finish` */
enum step_result reply_see_other(struct request *request, const char *location); /* 303 */
enum step_result reply_problem(struct request *request, const char *code);       /* a row of the problem table (http/problem.h) */
enum step_result reply_json(struct request *request, unsigned status, json_t *body /* borrowed */);
enum step_result reply_page(struct request *request, unsigned status, const char *page, json_t *resource /* borrowed */);

#endif
