/* GOV.UK Frontend components: from their options to what the partials in src/templates/partial/govuk need.
 *
 * The options have the names that GOV.UK Frontend's own macros give them (design-system.service.gov.uk), so their
 * documentation is ours. A logic-less template cannot compute "is any of these set" or the id of a hint; that is done
 * here. The result holds every member that the partial looks for, null where nothing was given, so that no name is
 * found in an outer context by mistake; options that the component does not know are dropped.
 *
 *     json_t *context = component_prepare("input", options);     page: {{#field}}{{>partial/govuk/input}}{{/field}}
 */
#ifndef VIEW_COMPONENT_H
#define VIEW_COMPONENT_H

#include <jansson.h>

/* A new reference, or NULL if there is no component of that name. `options` is an object, borrowed and not changed.
 * Options whose name ends in "html" are put into the page as they are: never give them what somebody typed. */
json_t *component_prepare(const char *name, const json_t *options);

/* Marks the items of a select that begin and end a run of the same "group": "opens" (its name, or null) and "closes". */
void component_group_items(json_t *items);

#endif
