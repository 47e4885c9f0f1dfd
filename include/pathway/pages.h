/* What the pages of referrals show beyond the resource itself: words for clocks and codes, links, forms. Each adds
 * members to the parsed resource (struct route, decorate). */
#ifndef PATHWAY_PAGES_H
#define PATHWAY_PAGES_H

#include "http/route.h"

/* The queue: work lists with their counts, filters, columns that sort, and for each row its clock, perception and
 * outcome. */
void pathway_decorate_queue(struct request *request, json_t *resource);
/* The address of the queue with the filters among the request's parameters; from the arena. */
const char *pathway_queue_address(const struct request *request);
/* A referral: what happens now, steps, clocks, people, history. */
void pathway_decorate_referral(struct request *request, json_t *resource);
/* The form of a step; what was typed, and what is wrong with it, when it was refused. */
void pathway_decorate_step(struct request *request, json_t *resource);

#endif
