/* The auditor's page. */
#ifndef AUDIT_PAGES_H
#define AUDIT_PAGES_H

#include "http/route.h"

/* "looked at a referral": what an event's action and object say, in words. Borrowed, for ever. An action or object
 * that is not known is told by its code. */
const char *audit_words(const char *action, const char *object);

/* Words and links for each event, and the filters. */
void audit_decorate_list(struct request *request, json_t *resource);

#endif
