/* Checks a pathway's definition whole before it is installed: what config/pathways holds is data, and a mistake in it
 * would otherwise be met by somebody with a case in hand. Every fault is named, not the first alone. */
#ifndef PATHWAY_DEFINITION_H
#define PATHWAY_DEFINITION_H

#include <jansson.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/macro.h"

enum {
        DEFINITION_SIZE_MAX = 256 * 1024, /* bytes */
        DEFINITION_STATES_MAX = 50,
        DEFINITION_TRANSITIONS_MAX = 200,
        DEFINITION_CLOCKS_MAX = 50,
        DEFINITION_RULES_MAX = 100,
};

/* Checks the text of a file. `vocabulary` is what a definition may speak of, as definition_vocabulary() of the
 * database answers: {"roles": [...], "capabilities": [...], "lists": {"outcome_lado": [codes], ...}}. Returns the
 * number of faults, 0 when it is sound; each is appended to `errors` as a line "pathways/lado.json#/transitions/3/to:
 * there is no state NONSUCH". */
unsigned pathway_definition_check(const char *name, const char *text, size_t size, const json_t *vocabulary,
                                  struct buffer *errors) _must_check_;

#endif
