#include "http/problem.h"

#include <string.h>

static const struct problem problems[] = {
        /* Framing and target: answered with Connection: close */
        { "bad_request_line", 400, "The request could not be read",
          "The request line is not one that HTTP/1.1 allows." },
        { "bad_version", 400, "The request could not be read", "Only HTTP/1.0 and HTTP/1.1 are spoken here." },
        { "bad_header", 400, "The request could not be read",
          "A header field has a name or value that HTTP does not allow." },
        { "bad_host", 400, "The request could not be read",
          "The request must have exactly one Host field, naming a host." },
        { "bad_framing", 400, "The request could not be read",
          "Content-Length and Transfer-Encoding leave it open where the request ends." },
        { "repeated_header", 400, "The request could not be read",
          "A header field that may appear once was sent twice." },
        { "too_many_headers", 431, "The request could not be read", "There are too many header fields." },
        { "unknown_coding", 501, "The request could not be read", "The only transfer coding accepted is chunked." },
        { "bad_cookie", 400, "The request could not be read",
          "A cookie of this service was sent twice or is not a cookie." },
        { "bad_target", 400, "The address is not valid",
          "The address holds something that is not allowed in one, or broken percent-encoding." },
        { "target_too_long", 414, "The address is too long", "An address may have 4,096 characters." },
        { "repeated_argument", 400, "The address is not valid", "A name appears twice behind the question mark." },
        { "too_many_arguments", 400, "The address is not valid", "There may be 32 names behind the question mark." },
        { "unknown_argument", 400, "The address is not valid",
          "A name behind the question mark is not one that this page knows. `errors` names it." },
        { "bad_argument", 400, "The address is not valid",
          "A value in the address is not of the right kind. `errors` names it." },
        { "bad_cursor", 400, "The list cannot be continued",
          "The cursor was not made for this list. Start from the first page." },

        /* Body */
        { "body_too_large", 413, "Too much was sent", "A body may have 65,536 bytes." },
        { "unsupported_media_type", 415, "This media type is not accepted",
          "Send application/json, or application/merge-patch+json to PATCH; a page takes a form." },
        { "not_acceptable", 406, "Nothing fits what was asked for",
          "The Accept field excludes every form in which this could be sent." },
        { "unexpected_body", 400, "The request has a body", "This method takes no body." },
        { "body_missing", 400, "The request has no body", "This method needs a body." },
        { "malformed_json", 400, "The body is not JSON", "The body is not one JSON object as RFC 8259 describes it." },
        { "duplicate_member", 400, "The body names a member twice",
          "The names within one JSON object must be different." },
        { "invalid_utf8", 400, "The body is not UTF-8", "Text must be UTF-8 and hold no NUL character." },
        { "too_deep", 400, "The body is nested too deeply", "Objects and arrays may be nested 16 deep." },
        { "number_not_whole", 400, "The body holds a number that is not whole",
          "Only whole numbers without a decimal point or exponent are accepted." },
        { "malformed_form", 400, "The form could not be read",
          "The form's names and values are not encoded as a browser would." },
        { "invalid", 422, "There is a problem with the answers",
          "`errors` names every answer that has to be changed." },
        { "key_reused", 422, "The key was used for something else",
          "This Idempotency-Key came before with another body. Use a fresh key for each new record." },

        /* Who and what */
        { "unauthenticated", 401, "Sign in first", "There is no session, or it has ended. Sign in and try again." },
        { "sign_in_refused", 401, "Not signed in", "The e-mail address, the password or the code is not right." },
        { "idle", 401, "You were signed out", "Nothing was done for a while, so you were signed out. Sign in again." },
        { "forbidden", 403, "You do not have access to this", "None of your roles allows this." },
        { "second_factor", 403, "A second factor is needed", "Set up or give your second factor first." },
        { "pending", 403, "Choose a new password first", "Your password must be changed before you go on." },
        { "csrf", 403, "The form came from somewhere else",
          "The form does not belong to your session. Open the page again and send it from there." },
        { "not_found", 404, "Not found", "There is nothing here that you can see." },
        { "method_not_allowed", 405, "This cannot be done here",
          "The address does not take this method. `Allow` names those it takes." },
        { "conflict", 409, "This cannot be done now", "The record is in a state that does not allow this." },
        { "in_progress", 409, "The same request is under way",
          "A request with this key is being worked on. Ask again in a moment." },
        { "stale", 412, "Somebody else changed this",
          "The record has changed since you read it. Read it again before you change it." },
        { "precondition_required", 428, "If-Match is required",
          "Send the ETag of the record as you read it in If-Match." },
        { "bad_precondition", 400, "If-Match is not valid", "If-Match takes one entity tag in double quotes." },
        { "key_required", 400, "Idempotency-Key is required",
          "Send Idempotency-Key: a quoted text of 1 to 64 printable characters, fresh for each new record." },
        { "throttled", 429, "Too many attempts", "Wait as long as Retry-After says and try again." },
        { "too_many_requests", 429, "Too many requests at once", "Too many requests from this address are under way." },

        /* Us */
        { "prefetch", 503, "Not fetched in advance",
          "Reading this is recorded, so it is not sent before somebody asks for it." },
        { "busy", 503, "Busy",
          "There is more to do than can be done at once. Nothing was kept. Try again in a moment." },
        { "unavailable", 503, "Not available now",
          "The service cannot reach its database, or is being restarted. If you were saving something, look "
          "whether it was kept before you send it again." },
        { "timeout", 503, "That took too long", "The request was stopped because it took too long. Nothing was kept." },
        { "defect", 500, "Something went wrong",
          "This is our mistake and has been logged. Nothing was kept. The request id helps us to find it." },
};

/* What the database's words are answered with; NULL for those that mean success. */
static const char *const verdicts[VERDICT_COUNT] = {
        [VERDICT_UNAUTHENTICATED] = "unauthenticated",
        [VERDICT_IDLE] = "idle",
        [VERDICT_FORBIDDEN] = "forbidden",
        [VERDICT_SECOND_FACTOR] = "second_factor",
        [VERDICT_PENDING] = "pending",
};

static const char *const outcomes[OUTCOME_COUNT] = {
        [OUTCOME_ABSENT] = "not_found",
        [OUTCOME_DENIED] = "forbidden",
        [OUTCOME_STALE] = "stale",
        [OUTCOME_CONFLICT] = "conflict",
        [OUTCOME_IN_PROGRESS] = "in_progress",
        [OUTCOME_INVALID] = "invalid",
        [OUTCOME_THROTTLED] = "throttled",
};

size_t problem_count(void) {
        return ELEMENTS(problems);
}

const struct problem *problem_at(size_t n) {
        return n < ELEMENTS(problems) ? &problems[n] : NULL;
}

const struct problem *problem_find(const char *code) {
        for (size_t i = 0; i < ELEMENTS(problems); i++)
                if (strcmp(problems[i].code, code) == 0)
                        return &problems[i];
        return NULL;
}

json_t *problem_to_json(const struct problem *problem, const char *request_id, json_t *errors) {
        json_t *object = json_pack("{s:o, s:s, s:i, s:s, s:s, s:s}",
                                   "type", json_sprintf("/problems/%s", problem->code), "title", problem->title,
                                   "status", (int) problem->status, "detail", problem->detail, "code", problem->code,
                                   "request_id", request_id);
        if (errors && json_array_size(errors) > 0)
                json_object_set(object, "errors", errors);
        return object;
}

void problem_write(const struct problem *problem, const char *request_id, json_t *errors, struct buffer *out) {
        json_t *object = problem_to_json(problem, request_id, errors);
        char *text = json_dumps(object, JSON_COMPACT);
        json_decref(object);
        buffer_append_string(out, text);
        free(text);
}

const char *problem_of_verdict(enum verdict verdict) {
        return verdict < VERDICT_COUNT ? verdicts[verdict] : "defect";
}

const char *problem_of_outcome(enum outcome outcome) {
        return outcome < OUTCOME_COUNT ? outcomes[outcome] : "defect";
}
