/* What the parts of this room know of a request and others need not. */
#ifndef HTTP_INTERNAL_H
#define HTTP_INTERNAL_H

#include <stdint.h>

#include "http/guard.h"
#include "http/peer.h"
#include "http/problem.h"
#include "http/route.h"
#include "http/router.h"
#include "http/service.h"
#include "http/target.h"

enum { BODY_MAX = 64 * 1024, HELD_MAX = 96 * 1024, HELD_SECONDS = 30 * 60 };

#define API_PREFIX "/api/v1"

struct spent {
        struct spent *next;
        struct db_step step;
};

struct request_private {
        void (*completed)(struct request *request); /* the reply is complete; any thread, exactly once */
        void *owner;
        struct target target;
        struct router_match match;
        struct form_hidden hidden;
        const char *problem;      /* what is wrong besides faults, told after the context has been checked */
        const char *if_none_match; /* as it came, or NULL */
        bool gate;                /* the step under way is the context alone */
        bool wants_html, has_body;
        enum step_result after_gate;
        struct spent *spent;      /* earlier steps: their texts stay valid */
        char address[PEER_TEXT];
        uint64_t started_us;
};

/* A request as it came, borrowed for the call. */
struct intake {
        const char *method, *version;
        const char *target; /* raw */
        const char *socket_address; /* NULL for a unix socket */
        const struct trusted *trusted;
        const struct header_list *headers;
};

/* What a page's path means that no row of the table has; it is no row itself. */
extern const struct route route_nowhere;

struct request *request_new(struct service *service);
void request_free(struct request *request);

/* When the header is complete: true when the body may be read, false when the reply is complete. */
bool request_open(struct request *request, const struct intake *intake);
/* When the body is complete. STEP_REPLY: the reply is complete. Otherwise suspend the connection and call
 * request_continue, which ends in private->completed. Neither waits. */
enum step_result request_start(struct request *request, const char *body, size_t size);
void request_continue(struct request *request, enum step_result result);

/* request-body.c: body, form and credentials of forms into the request; faults and private->problem say what is
 * wrong. */
void request_read_body(struct request *request, const char *body, size_t size);

/* parameters.c */
/* Names behind the question mark that the route does not know, into faults. */
void parameters_check_names(struct request *request);
/* Chooses the query and takes its values from path and query string; what is wrong goes into faults and
 * private->problem. */
void parameters_fill(struct request *request, const char *name);
void parameters_fill_context(struct request *request);
/* What this room knows and a query may declare: idempotency_key, idempotency_hash, etag. Then every value is held to
 * its declaration. NULL, or the code of the problem. */
const char *parameters_complete(struct request *request);

/* The address of the next page of this list, with `payload` (what the statement gave as location) signed as its
 * cursor. */
const char *parameters_next(struct request *request, const char *payload);

/* accept.c */
/* Whether the Accept field's value (NULL: absent) takes the media type. */
bool accept_takes(const struct header *accept, const char *type);
/* Whether a Content-Type is this media type, with no parameter but charset=utf-8. */
bool media_type_is(const struct header *content_type, const char *type);

/* reply.c */
void reply_reset(struct request *request);
enum step_result reply_text(struct request *request, unsigned status, const char *content_type, char *data,
                            size_t size);

/* A rule of the data said no: 422 with the fault that its constraint stands for, or 409. */
enum step_result reply_refusal(struct request *request, const char *sqlstate, const char *constraint);

/* page.c */
enum step_result page_problem(struct request *request, const struct problem *problem);
/* A refused form: the GET route of the same path is run to show it again. */
enum step_result page_again(struct request *request, unsigned status);
/* 401 of a page: to the sign-in page, with the answers of a form held. */
enum step_result page_sign_in(struct request *request, const char *code);
/* Where a page's verdict leads instead of a problem, or NULL. */
const char *page_of_verdict(enum verdict verdict);

/* drive.c */
enum step_result drive_route(struct request *request);

uint64_t clock_us(void); /* CLOCK_MONOTONIC */

#endif
