/* Filters of a list's page. They stand in the address as codes, so that a page can be kept and sent to a colleague;
 * names and words of people never do. A filter is a GET form, or a link to the same list with one of them changed. */
#ifndef HTTP_FILTER_H
#define HTTP_FILTER_H

#include <jansson.h>

#include "http/route.h"

/* A select of a code list for the page: {"name", "label", "items": [{"value", "text", "selected"}]}, the first item
 * being `all` with an empty value. A new reference. */
json_t *filter_select(const struct request *request, const char *name, const char *label, const char *list,
                      const char *all);

/* The address of `path` (which may have a query string of its own) with the current values of `names` (ends with
 * NULL), `name` set to `value` instead; NULL or "" leaves it out. From the arena. */
const char *filter_link(const struct request *request, const char *path, const char *const *names, const char *name,
                        const char *value);

/* {name: value} of those that are set, for the page; "any": whether one is. A new reference. */
json_t *filter_values(const struct request *request, const char *const *names);

#endif
