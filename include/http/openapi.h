/* What can be said of the route table: the OpenAPI 3.1 document, the route list of the documentation, and the rows as JSON
 * for the tests that walk them. */
#ifndef HTTP_OPENAPI_H
#define HTTP_OPENAPI_H

#include "base/buffer.h"
#include "http/service.h"

/* The document of the API: routes, schemas of bodies, parameters of queries, problems. free() */
char *openapi_write(const struct service *service, size_t *ret_size);

/* A Markdown table of all routes, by path: `upstander admin routes`. */
void routes_write_markdown(const struct service *service, struct buffer *out);
/* An array of {method, path, permission, flags, action, query, page, about, body}: `upstander admin routes --json`. */
void routes_write_json(const struct service *service, struct buffer *out);

#endif
