/* Whether a partnership may begin to work with real records: what is still missing, in words. */
#ifndef MAIN_READY_H
#define MAIN_READY_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/macro.h"

/* `body` is what query "site/ready" answered: {"demonstration": bool, "missing": [item, ...]}. Appends a paragraph for
 * everything that is missing, saying how to mend it. 0 when nothing is, positive when something is, negative when the
 * answer makes no sense. *ret_demonstration says whether the records are invented ones. */
int ready_explain(const char *body, struct buffer *words, bool *ret_demonstration) _must_check_;

#endif
