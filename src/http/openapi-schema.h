/* JSON Schemas (2020-12, as OpenAPI 3.1 has them) from the tables that check input. New objects, the caller's. */
#ifndef HTTP_OPENAPI_SCHEMA_H
#define HTTP_OPENAPI_SCHEMA_H

#include <jansson.h>

#include "db/query.h"
#include "http/body.h"

json_t *schema_of_body(const struct body_schema *body);
json_t *schema_of_patch(const struct body_schema *body);
json_t *schema_of_parameter(const struct parameter *parameter);

#endif
