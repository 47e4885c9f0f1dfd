/* What can be said of the route table: the OpenAPI 3.1 document, the route list of the documentation, and the rows as
 * JSON for the tests that walk them. */
#ifndef HTTP_OPENAPI_H
#define HTTP_OPENAPI_H

#include "base/buffer.h"
#include "http/service.h"

/* The document of the API: routes, schemas of bodies and answers, parameters of queries, problems. 0 with *ret_text
 * (free()), or negative with *ret_wrong naming the file of src/schemas that is no schema or whose name is taken. */
int openapi_write(const struct service *service, char **ret_text, size_t *ret_size,
                  const char **ret_wrong) _must_check_;

/* A Markdown table of all routes, by path: `upstander admin routes`. */
void routes_write_markdown(const struct service *service, struct buffer *out);
/* An array of {method, path, permission, flags, action, query, page, body, answer, about}: `upstander admin routes
 * --json`. */
void routes_write_json(const struct service *service, struct buffer *out);

#endif
