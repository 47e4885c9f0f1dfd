/* A deadline in words: what stands in the queue and on the page of a referral. Words say it all; a colour only repeats
 * it. */
#ifndef PATHWAY_CLOCK_H
#define PATHWAY_CLOCK_H

#include <jansson.h>

#include "base/buffer.h"

enum clock_tone { CLOCK_QUIET, CLOCK_SOON, CLOCK_LATE };

/* Appends "Due today at 11:59pm", "Late by 2 working days" and the like. `clock` has "due_at", "working_days_late"
 * and, named `status`, how it stands by clock_status; `as_at` is the instant by which that was judged. Instants are as
 * the database writes them, in London time, so that their days compare as texts. A clock without due_at appends
 * nothing. */
enum clock_tone clock_words(const json_t *clock, const char *status, const char *as_at, struct buffer *out);

#endif
