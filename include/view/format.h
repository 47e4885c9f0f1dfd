/* Formatters: how a value of a resource is written for people. The closed list behind {{value|formatter}}.
 *
 *   date      2026-11-22T16:05:00Z or 2026-11-22   22 November 2026
 *   datetime  2026-11-22T16:05:00Z                 22 November 2026 at 4:05pm
 *   time      2026-11-22T16:05:00Z or 16:05        4:05pm
 *   day       2026-11-23 or a time                 Monday 23 November 2026
 *   yesno     true, false                          Yes, No; nothing for null
 *   count     1234567                              1,234,567
 *   label:x   a code                               its label in code list x
 *
 * Times are shown in London time, whatever the process's time zone is. Text that is not a date or time is shown as it
 * is: a page must not lose what the record holds.
 */
#ifndef VIEW_FORMAT_H
#define VIEW_FORMAT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "view/template.h"

struct formatter {
        const char *name;
        bool takes_argument; /* name:argument */
        void (*write)(const json_t *value, const char *argument, const struct template_options *options,
                      struct buffer *out);
};

/* The formatter of that name (the first `size` bytes of `name`), or NULL. */
const struct formatter *formatter_find(const char *name, size_t size);

/* A string as it is, an integer or real in the shortest form, true and false as those words; nothing for others. */
void format_plain(const json_t *value, struct buffer *out);

/* Seconds that London is ahead of UTC at a time given in seconds since 1970: 3600 from 01:00 UTC on the last Sunday of
 * March to 01:00 UTC on the last Sunday of October, otherwise 0. */
int format_london_offset(int64_t seconds);

#endif
