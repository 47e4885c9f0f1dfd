/* What routes answer with, as OpenAPI 3.1 says it. Objects are new, the caller's. */
#ifndef HTTP_OPENAPI_ANSWERS_H
#define HTTP_OPENAPI_ANSWERS_H

#include <jansson.h>

#include "http/service.h"

bool answer_exists(const struct service *service, const char *answer);
/* The status of success: the row's own, or 201 where it creates, 204 where it answers nothing, 200. */
unsigned answer_status(const struct route *route);
/* Adds the schemas of src/schemas by their names. 0, or negative with the file that is no schema or whose name is taken. */
int answer_schemas(const struct service *service, json_t *schemas, const char **ret_wrong) _must_check_;
/* The shared responses of problems, "problem_404". */
json_t *answer_problems(void);
/* The responses of one route, by status. */
json_t *answer_responses(const struct service *service, const struct route *route, const json_t *schemas);

#endif
