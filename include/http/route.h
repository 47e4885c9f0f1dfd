/* The route table's row, and a request on its way through it. One row is the whole truth about a route; the table
 * itself is src/main/routes.c. */
#ifndef HTTP_ROUTE_H
#define HTTP_ROUTE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
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
        ROUTE_BEFORE_SECOND_FACTOR = 1 << 8, /* allowed while a second factor or a new password is still missing */
        ROUTE_QUIET = 1 << 9,       /* a read that records no event: may be prefetched, is not logged at info */
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
        const char *query;      /* a read: the query's name; parameters by name from path and query string. A `finish`
                                   may follow it; otherwise the outcome is the reply */
        const char *page;       /* template, or NULL */
        const char *sight;      /* a write to something that the path names: the query that says whether this actor may
                                   know of it, and whether it is still as If-Match says. Asked when the request is
                                   faulty, so that 404 and 412 come before 422. Parameters by name from the path, and
                                   `etag` */
        const struct body_schema *body;
        /* A write: `prepare` is called with a checked body and fills request->step.call (or sets work, or replies);
         * `finish` is called with the result (NULL: reply_outcome). A finish that asks for another step is called again
         * after it; request->stage counts the calls. Unless the row is for anyone, work and replies that `prepare` asks
         * for without a database step happen only after the context alone has said yes. */
        enum step_result (*prepare)(struct request *request);
        enum step_result (*finish)(struct request *request);
        /* What it answers with: a schema of src/schemas, for the OpenAPI document (tests/http/openapi holds live
         * answers to it). A write without one has nothing to say: 204. A ROUTE_PAGE_ONLY row with one is in the
         * document, at the root. */
        const char *answer;
        unsigned answer_status; /* of success, where it is not 201 with ROUTE_CREATES, 204 without `answer`, or 200 */
        /* Before a page is rendered: may add members to the parsed resource (bind a form, draw a chart). */
        void (*decorate)(struct request *request, json_t *resource);
        /* Writes the resource as CSV, for ROUTE_CSV. */
        void (*csv)(json_t *resource, struct buffer *out);
};

enum { REPLY_COOKIES = 2 };

struct reply {
        unsigned status; /* 0 until the reply is complete */
        const char *content_type;
        char *data; /* owned, free(); NULL with data_borrowed */
        const void *borrowed; /* instead of data: something that outlives the server */
        size_t size;
        const char *location, *etag, *allow, *link, *disposition; /* in the request's arena; etag without quotes */
        const char *set_cookie[REPLY_COOKIES];
        const char *clear_site_data; /* for leaving in a hurry; NULL usually */
        unsigned retry_after;
        const char *cache_control; /* NULL: no-store */
        bool authenticate;         /* WWW-Authenticate: Bearer */
        bool close;                /* the connection is not to be used again */
};

struct request {
        struct arena *arena; /* lives as long as the request; everything below points into it unless said */
        const struct route *route;
        struct service *service; /* everything long-lived: executor, queries, keyring, templates, settings, codes */
        char id[UUID_TEXT];
        enum method method;
        const char *target;       /* raw, bounded */
        const struct target *place; /* the same, taken apart (http/target.h) */
        const struct router_match *match; /* the routes of the same path (http/router.h) */
        bool is_api, is_form, prefetch, accepts_csv;
        bool is_head;             /* GET without the body */
        bool refused;             /* a form was refused and its page is being made again: show body, given and faults */
        unsigned refused_status;
        const char *address;      /* of the client, by the trusted proxy's word if one is configured */
        const char *user_agent;   /* the first 200 bytes of the header, printable ASCII; NULL when absent or something else */
        const char *session_hash; /* 64 hex or NULL; the MAC was good */
        const char *device_hash;  /* of the device cookie, or NULL */
        const char *idempotency_key, *if_match; /* without their quotes */
        json_t *parameters;       /* object of strings: path parameters and query string; owned */
        json_t *body;             /* object or NULL; owned */
        json_t *given;            /* a form's answers by name as they were typed, no secrets; NULL for JSON; owned */
        json_t *faults;           /* array, empty when the body is sound; owned */
        json_t *frame;            /* what the context statement said of the actor; pages; owned */
        struct db_step step;
        void (*work)(struct request *request); /* runs on a worker thread */
        unsigned stage;           /* calls of `finish` so far */
        void *state;              /* a handler's own, from the arena */
        struct reply reply;
        struct request_private *private; /* of src/http */
};

/* For handlers. Values are borrowed by the step until it is done: give arena or static texts, or texts of this
 * request's earlier steps, which are kept until the request ends. */
void request_call(struct request *request, const char *query); /* chooses step.call.query and clears its values */
void request_value(struct request *request, const char *name, const char *value);
void request_value_json(struct request *request, const char *name, const json_t *value); /* dumps into the arena */
/* Seals a text or object under the key of a case that an earlier step gave ({"incident", "wrapped"}), bound to a fresh row
 * id: fills the value that `id` names with that id, and the value "sealed". 0, or negative: a defect. */
int request_value_sealed(struct request *request, const json_t *key_of, const char *table, const char *column,
                         const char *id, const json_t *plaintext) _must_check_;
const char *request_parameter(const struct request *request, const char *name);          /* NULL when absent */
/* A text member of the body; NULL when absent or not a text. */
const char *request_text(const struct request *request, const char *member);

/* Replies. Each completes request->reply and returns STEP_REPLY, or what else it takes: return their result. */
enum step_result reply_outcome(struct request *request); /* by the outcome of the step: how `finish` usually ends */
enum step_result reply_see_other(struct request *request, const char *location); /* 303 to a path of ours */
enum step_result reply_problem(struct request *request, const char *code);       /* a row of http/problem.h */
/* By request->faults: 422; a form's page is made again with what was given. */
enum step_result reply_faults(struct request *request);
enum step_result reply_json(struct request *request, unsigned status, json_t *body /* borrowed */);
/* The opened body of the step's result as an object of the caller's, for a `finish` that shows it; NULL when there is
 * none or it does not open, which is a defect. */
json_t *request_resource(struct request *request);
/* What the page was asked with that sent this form, as the form says it in `_query`, into the parameters: for going back
 * to the same list. It was typed by anybody, so it goes nowhere but into an address. */
void request_take_page_query(struct request *request);
enum step_result reply_page(struct request *request, unsigned status, const char *page,
                            json_t *resource /* borrowed */);
/* Bytes with a static content type; `data` is taken. For what is neither JSON nor a page. */
enum step_result reply_bytes(struct request *request, unsigned status, const char *content_type, char *data,
                             size_t size);

/* Cookies: Secure, HttpOnly, SameSite=Lax, Path=/. `seconds` 0 lasts as long as the browser's session; a NULL value
 * removes. */
#define COOKIE_SESSION "__Host-session"
#define COOKIE_DEVICE "__Host-device"
void reply_cookie(struct request *request, const char *name, const char *value, unsigned seconds);

/* Answers of a form whose session had ended, sealed for half an hour, to ride in the hidden field `held` of the sign-in
 * form. NULL when there is nothing that may be held: no form, no session that it belonged to, or too much. */
const char *request_hold(struct request *request);

struct held {
        const char *session_hash; /* of the session that ended: only its account may have the answers back */
        const char *target;       /* where the form was sent, "/incidents" */
        const char *query;        /* `_query` of the form, or "" */
        json_t *given;            /* names and answers; owned, json_decref */
};
/* Opens what request_hold made. 0, or positive when it was not ours or is too old. Texts in the request's arena. */
int request_open_held(struct request *request, const char *text, struct held *ret_held) _must_check_;

#endif
