/* Decorators of the pages of a report. */
#ifndef INCIDENT_SHOW_H
#define INCIDENT_SHOW_H

#include "http/route.h"

/* The form that chooses which reports to see. */
void incident_decorate_list(struct request *request, json_t *resource);
/* Labels of ethnicity and religion, which may be reasons why the answer is missing. */
void incident_decorate_show(struct request *request, json_t *resource);
/* The words of each step as an array, since a template cannot walk an object. */
void incident_decorate_chronology(struct request *request, json_t *resource);
enum { CONFLICT_REASON_MOST = 2000 };

/* The form for adding information, and the one for declaring a conflict of interest. */
void incident_decorate_addition(struct request *request, json_t *resource);
void incident_decorate_conflict(struct request *request, json_t *resource);

#endif
