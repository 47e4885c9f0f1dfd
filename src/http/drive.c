/* A request's steps, one after the other, on whatever thread the last one ended. */
#include <string.h>

#include "base/log.h"
#include "internal.h"
#include "http/problem.h"
#include "http/worker.h"

/* Called on the executor's thread, or when a worker is done. */
static void on_step_done(struct db_step *step);

static enum step_result reply_problems_found(struct request *request) {
        return request->private->problem ? reply_problem(request, request->private->problem) : reply_faults(request);
}

static bool is_faulty(const struct request *request) {
        return request->private->problem || json_array_size(request->faults) > 0;
}

/* The context, and whether the actor may know of what the path names: for a faulty request, and for what does not ask
 * the database itself. */
static enum step_result start_gate(struct request *request, enum step_result after) {
        request->private->gate = true;
        request->private->after_gate = after;
        if (request->route->sight)
                parameters_fill(request, request->route->sight);
        else
                request_call(request, "access/nothing");
        return STEP_DATABASE;
}

/* Whether the context has said yes to this request already, or need not be asked. */
static bool is_admitted(const struct request *request) {
        return (request->route->flags & ROUTE_ANYONE) || request->step.context_result || request->private->spent;
}

/* The address does not fit the statement: that is said only after 401 and 403, so the context is asked alone. */
static const char *hold_back(struct request *request, const char *problem) {
        request->private->problem = problem;
        request->private->gate = true;
        request->private->after_gate = STEP_REPLY;
        request_call(request, "access/nothing");
        return request->step.call.query ? parameters_complete(request) : "defect";
}

/* A page of words alone: its row has neither query nor prepare. */
static enum step_result reply_words(struct request *request) {
        json_t *resource = json_object();
        enum step_result result = reply_page(request, 200, request->route->page, resource);
        json_decref(resource);
        return result;
}

enum step_result drive_route(struct request *request) {
        const struct route *route = request->route;

        if (route->prepare) {
                enum step_result result = route->prepare(request);
                if (result == STEP_DATABASE || result == STEP_FAULT || (route->flags & ROUTE_ANYONE))
                        return result;
                return start_gate(request, result);
        }
        if (!route->query)
                return start_gate(request, STEP_REPLY);
        parameters_fill(request, route->query);
        if (!is_faulty(request) || request->refused)
                return STEP_DATABASE;
        return route->flags & ROUTE_ANYONE ? reply_problems_found(request) : start_gate(request, STEP_REPLY);
}

enum step_result request_start(struct request *request, const char *body, size_t size) {
        log_set_request(request->id);
        request_read_body(request, body, size);
        router_parameters(request->route, request->place, request->parameters);
        if (!(request->route->flags & ROUTE_ANYONE) && !request->session_hash) {
                reply_reset(request);
                return request->is_api ? reply_problem(request, "unauthenticated")
                                       : page_sign_in(request, "unauthenticated");
        }
        if (request->private->problem && strcmp(request->private->problem, "csrf") == 0)
                return reply_problem(request, "csrf");
        parameters_check_names(request);
        if (!is_faulty(request))
                return drive_route(request);
        return request->route->flags & ROUTE_ANYONE ? reply_problems_found(request) : start_gate(request, STEP_REPLY);
}

/* The results of the step before stay readable until the request ends; the next starts clean. */
static void keep_results(struct request *request) {
        struct db_step *step = &request->step;
        if (!step->context_result && !step->call_result)
                return;
        struct spent *spent = arena_alloc(request->arena, sizeof(*spent));
        spent->step = *step;
        spent->next = request->private->spent;
        request->private->spent = spent;
        struct db_call call = step->call;
        *step = (struct db_step) { .call = call };
}

static const char *submit(struct request *request) {
        struct db_step *step = &request->step;
        const char *problem;

        if (!request->service->executor)
                return "unavailable";
        if (!step->call.query) {
                log_error("query_unknown", "route", request->route->path);
                return "defect";
        }
        problem = parameters_complete(request);
        if (problem && strcmp(problem, "defect") != 0 && !is_admitted(request))
                problem = hold_back(request, problem);
        if (problem)
                return problem;
        keep_results(request);
        step->lane = request->route->flags & ROUTE_REPORT ? DB_LANE_REPORT : DB_LANE_REQUEST;
        step->request_id = request->id;
        step->done = on_step_done;
        step->owner = request;
        parameters_fill_context(request);
        return executor_submit(request->service->executor, step) == 0 ? NULL : "busy";
}

static void on_work(void *data);

/* After the last line of a branch that hands the request over, another thread may already have freed it. */
void request_continue(struct request *request, enum step_result result) {
        const char *problem = NULL;

        switch (result) {
        case STEP_DATABASE:
                problem = submit(request);
                if (!problem)
                        return;
                break;
        case STEP_WORK:
                if (request->work && request->service->worker &&
                    worker_submit(request->service->worker, on_work, request) == 0)
                        return;
                problem = request->work ? "busy" : "defect";
                break;
        case STEP_REPLY:
                if (request->reply.status == 0)
                        problem = "defect";
                break;
        case STEP_FAULT:
                problem = "defect";
                break;
        }
        if (problem) {
                if (strcmp(problem, "defect") == 0)
                        log_error("route_defect", "route", request->route->path);
                reply_problem(request, problem);
        }
        request->private->completed(request);
}

static enum step_result finish(struct request *request) {
        request->stage++;
        return request->route->finish ? request->route->finish(request) : reply_outcome(request);
}

static void on_work(void *data) {
        struct request *request = data;
        log_set_request(request->id);
        request->work(request);
        request_continue(request, finish(request));
}

static enum step_result reply_verdict(struct request *request, enum verdict verdict) {
        const char *code = problem_of_verdict(verdict), *location = page_of_verdict(verdict);
        reply_reset(request);
        if (request->is_api || verdict == VERDICT_UNKNOWN)
                return reply_problem(request, code);
        if (verdict == VERDICT_UNAUTHENTICATED || verdict == VERDICT_IDLE)
                return page_sign_in(request, code);
        return location ? reply_see_other(request, location) : reply_problem(request, code);
}

static enum step_result after_gate(struct request *request) {
        request->private->gate = false;
        if (!request->step.outcome || strcmp(request->step.outcome, "ok") != 0) {
                reply_reset(request);
                return reply_outcome(request); /* what the path names is not there for this actor, or has changed */
        }
        if (is_faulty(request) && !request->refused)
                return reply_problems_found(request);
        if (request->private->after_gate != STEP_REPLY || request->reply.status != 0)
                return request->private->after_gate;
        return reply_words(request);
}

static enum step_result after_step(struct request *request) {
        struct db_step *step = &request->step;

        switch (step->result) {
        case DB_STEP_DONE: break;
        case DB_STEP_UNAVAILABLE: return reply_problem(request, "unavailable");
        case DB_STEP_TIMEOUT: return reply_problem(request, "timeout");
        case DB_STEP_REFUSED: return reply_refusal(request, step->sqlstate, step->constraint);
        case DB_STEP_FAULT: return reply_problem(request, "defect");
        }
        enum verdict verdict = verdict_parse(step->verdict);
        if (step->frame && !request->is_api) { /* of a refusal by role too: its page leads on to what one may do */
                json_decref(request->frame);
                request->frame = json_loadb(step->frame, step->frame_size, 0, NULL);
        }
        if (verdict != VERDICT_OK)
                return reply_verdict(request, verdict);
        if (request->service->seen && request->session_hash)
                request->service->seen(request->session_hash);
        return request->private->gate ? after_gate(request) : finish(request);
}

static void on_step_done(struct db_step *step) {
        struct request *request = step->owner;
        log_set_request(request->id);
        enum step_result result = after_step(request);
        request_continue(request, result);
        log_set_request(NULL);
}
